/** The head end's REST API: what the server implements and what these pages use. General rules: shared/src/contract.ts. */
import type {
  Completeness, Day, DeviceClock, EventPage, EventQuery, Failure, MemoryUse, MeterState, ProfileRows, ProfileSummary, StorageUse,
  Timestamp,
} from '@gridtally/shared/contract';
import { query, request } from '@gridtally/shared/http';

// ---- Overview -------------------------------------------------------------------------------------------------------

export interface HeadEndSystem extends DeviceClock {
  softwareVersion: string;
  startedAt: Timestamp;
  /** `address:port` on which concentrators are accepted. */
  listening: string[];
}

/** GET /api/overview, and the data of every `overview` event of GET /api/stream. */
export interface Overview {
  system: HeadEndSystem;
  concentrators: { total: number; online: number };
  meters: { total: number; enabled: number; reachable: number };
  /** Rows of all load profiles of all enabled meters, today so far and the whole of yesterday. */
  completeness: { today: Completeness; yesterday: Completeness };
  ingest: {
    /** Rows stored since the database exists. */
    rows: number;
    /** Journal records behind, all concentrators together. */
    lag: number;
    lastStored: Timestamp | null;
  };
  storage: StorageUse;
  memory: MemoryUse;
  /** The last failures, newest first, at most 10. */
  errors: OverviewError[];
}

export interface OverviewError extends Failure {
  concentrator: string | null;
  meterNo: string | null;
}

// ---- Concentrators --------------------------------------------------------------------------------------------------

export type ConcentratorState = 'online' | 'offline' | 'refused';

export interface Concentrator {
  serial: string;
  name: string;
  state: ConcentratorState;
  /** Address it dialled from; the last one when it is offline. */
  remote: string | null;
  connectedSince: Timestamp | null;
  lastContact: Timestamp | null;
  /** Last journal record stored here, and the last that the concentrator has. Their difference is `lag`. */
  cursor: number;
  journalEnd: number;
  lag: number;
  meters: number;
  software: string | null;
  lastError: Failure | null;
  today: Completeness;
}

/** GET /api/concentrators/{serial} */
export interface ConcentratorDetail extends Concentrator {
  yesterday: Completeness;
  logicalDeviceName: string | null;
  meterList: MeterRow[];
}

// ---- Meters ---------------------------------------------------------------------------------------------------------

export interface MeterRow {
  meterNo: string;
  /** Serial of its concentrator. */
  concentrator: string;
  enabled: boolean;
  channel: string;
  task: string;
  state: MeterState;
  /** As the concentrator reports it. */
  lastContact: Timestamp | null;
  lastError: string | null;
  /** Time stamp of the newest row stored here. */
  lastRow: Timestamp | null;
  today: Completeness;
  yesterday: Completeness;
}

/** GET /api/meters/{no} */
export interface MeterDetail extends MeterRow {
  concentratorState: ConcentratorState;
  profiles: ProfileSummary[];
  /** Whether this head end holds keys to reach the meter itself (register reading). */
  hasKeys: boolean;
}

/** GET /api/completeness?from=&to= : both days included, at most 62 days. */
export interface CompletenessMatrix {
  days: Day[];
  rows: CompletenessRow[];
}

export interface CompletenessRow {
  meterNo: string;
  concentrator: string;
  /** One per day, in the order of `days`. */
  cells: Completeness[];
}

export interface RegisterRequest {
  classId: number;
  obis: string;
  attribute: number;
}

/** POST /api/meters/{no}/read-register: 200, or a problem whose `blame` says who failed (502 and 504; 409 when the concentrator is offline). */
export interface RegisterReading {
  /** Scaled number, or the text of another type; null for null-data. */
  value: number | string | null;
  unit: string;
  /** The value for people, `230.4 V`, `2026-11-21 03:40:00 UTC`. */
  text: string;
  /** COSEM type as sent, `double-long-unsigned`. */
  dataType: string;
  /** When the meter answered. */
  time: Timestamp;
  /** Real milliseconds from request to answer. */
  durationMs: number;
}

// ---- Endpoints ------------------------------------------------------------------------------------------------------

const meterPath = (meterNo: string) => `/api/meters/${encodeURIComponent(meterNo)}`;

export const api = {
  overview: () => request<Overview>('GET', '/api/overview'),

  concentrators: () => request<{ concentrators: Concentrator[] }>('GET', '/api/concentrators'),
  concentrator: (serial: string) => request<ConcentratorDetail>('GET', `/api/concentrators/${encodeURIComponent(serial)}`),

  meters: () => request<{ meters: MeterRow[] }>('GET', '/api/meters'),
  meter: (meterNo: string) => request<MeterDetail>('GET', meterPath(meterNo)),
  profileRows: (meterNo: string, profile: string, from: Timestamp, to: Timestamp, signal?: AbortSignal) =>
    request<ProfileRows>(
      'GET', `${meterPath(meterNo)}/profiles/${encodeURIComponent(profile)}/rows${query({ from, to })}`, undefined, { signal }),
  readRegister: (meterNo: string, register: RegisterRequest) =>
    request<RegisterReading>('POST', `${meterPath(meterNo)}/read-register`, register),

  completeness: (from: Day, to: Day) => request<CompletenessMatrix>('GET', `/api/completeness${query({ from, to })}`),

  events: (filter: EventQuery = {}) => request<EventPage>('GET', `/api/events${query({ ...filter })}`),
};

/** GET /api/stream: server-sent events, each `event: overview` with `data:` an Overview; at most one per second, at least one per 15 s. */
export const streamPath = '/api/stream';
