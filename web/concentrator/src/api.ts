/** The concentrator's REST API: what the server implements and what these pages use. General rules: shared/src/contract.ts. */
import type {
  Completeness, DeviceClock, EventPage, EventQuery, Failure, FailureReason, MemoryUse, MeterState, ProfileRows, ProfileSummary,
  StorageUse, Timestamp,
} from '@gridtally/shared/contract';
import { query, request } from '@gridtally/shared/http';

// ---- Home -----------------------------------------------------------------------------------------------------------

export interface Device extends DeviceClock {
  serial: string;
  softwareVersion: string;
  startedAt: Timestamp;
}

export type UplinkState = 'connected' | 'connecting' | 'disconnected' | 'disabled';

export interface Uplink {
  state: UplinkState;
  /** `host:port` of the head end in use; null when none is configured. */
  master: string | null;
  connectedSince: Timestamp | null;
  lastContact: Timestamp | null;
  /** Why it is not connected. */
  lastError: string | null;
  /** Journal records that the head end has not fetched yet. */
  backlog: number;
}

/** One line of the home page, after figure 6 of the SX5D1 manual. */
export interface HomeCount extends Completeness {
  /** `energyProfile`, `demandProfile`, `monthlyBilling`, `fraudEvent` … */
  key: string;
  /** `Energy profile`. */
  label: string;
  /** `day`: since 00:00 of the device's day; `month`: since the first of the month. */
  period: 'day' | 'month';
}

export interface NextRun {
  task: string;
  item: string;
  time: Timestamp;
  /** 1 highest … 5. */
  priority: number;
}

/** GET /api/home, and the data of every `home` event of GET /api/stream. */
export interface Home {
  device: Device;
  uplink: Uplink;
  meters: { total: number; enabled: number; reachable: number };
  /** Only kinds of data that a task collects now. Without an expectation (events) `expected` is 0. */
  counts: HomeCount[];
  /** Rows of all load profiles of all enabled meters, today so far and the whole of yesterday. */
  completeness: { today: Completeness; yesterday: Completeness };
  /** The next task items to run, soonest first, at most 8. */
  nextRuns: NextRun[];
  storage: StorageUse;
  memory: MemoryUse;
  /** The last failures, newest first, at most 10. */
  errors: HomeError[];
}

export interface HomeError extends Failure {
  meterNo: string | null;
  channel: string | null;
}

// ---- Archive --------------------------------------------------------------------------------------------------------

/** What a user may set of a meter: the columns of figure 8 of the manual, and where the meter is found. */
export interface MeterSettings {
  /** 1 to 16 letters and digits; never changes once the meter exists. */
  meterNo: string;
  /** Figure 8: Status Enable / Disable. */
  enabled: boolean;
  /** Number of the meter on the PLC network; -1 without one. */
  mac: number;
  /** Name of a channel (settings table `channel`). */
  channel: string;
  meterType: number;
  /** 1 or 3. */
  phase: number;
  credit: number;
  /** Name of a task group (settings table `task`). */
  task: string;
  /** 255: not a prepayment meter. */
  prepaid: number;
  wiring: number;
  /** On a bus: HDLC physical address (`17`). On TCP: `host:port`. */
  address: string;
}

/**
 * Keys as 32 hex digits and the LLS password; write-only, no answer carries one.
 * A member that is null or left out keeps what is stored.
 */
export interface MeterKeys {
  encryptionKey?: string | null;
  authenticationKey?: string | null;
  password?: string | null;
}

export interface MeterInput extends MeterSettings {
  keys: MeterKeys | null;
}

export interface Meter extends MeterSettings {
  id: number;
  /** Shown as `***` where it is true. */
  hasKeys: boolean;
  state: MeterState;
  lastContact: Timestamp | null;
  lastError: Failure | null;
  /** Rows of the load profiles. */
  today: Completeness;
}

/** GET /api/meters: all meters of the archive (at most 2,000), with the names a form may choose from. */
export interface Archive {
  meters: Meter[];
  channels: ChannelChoice[];
  tasks: TaskChoice[];
}

export interface ChannelChoice {
  name: string;
  enabled: boolean;
  /** Decides what `MeterSettings.address` means. */
  addressing: 'hdlc' | 'host-port' | 'none';
}

export interface TaskChoice {
  name: string;
  enabled: boolean;
}

/** GET /api/meters/{no} */
export interface MeterDetail extends Meter {
  yesterday: Completeness;
  /** COSEM logical device name, null until it was read. */
  logicalDeviceName: string | null;
  profiles: ProfileSummary[];
  /** When its task items run next, soonest first. */
  nextRuns: NextRun[];
}

/** One exchange with a meter. */
export interface Communication {
  id: number;
  time: Timestamp;
  /** Time on the line, in real milliseconds. */
  durationMs: number;
  channel: string;
  /** Task item, or `manual`. */
  item: string;
  outcome: 'done' | 'partial' | 'failed';
  reason: FailureReason | null;
  text: string;
  /** Rows newly stored. */
  rows: number;
  bytesSent: number;
  bytesReceived: number;
  retries: number;
}

/** POST /api/meters/{no}/read: 202. 409 when the meter is disabled. */
export interface ReadAccepted {
  /** Names of the task items now queued before all scheduled ones. */
  items: string[];
}

// ---- Settings -------------------------------------------------------------------------------------------------------

export type SettingType = 'text' | 'integer' | 'boolean' | 'choice' | 'cron' | 'secret';
export type SettingValue = string | number | boolean | null;

export interface SettingColumn {
  name: string;
  label: string;
  type: SettingType;
  editable: boolean;
  /** For `choice`. */
  choices: string[] | null;
}

export interface SettingRow {
  id: number;
  /** A secret reads `***` when set and null when not; written as given, `***` keeps it. */
  values: Record<string, SettingValue>;
}

export interface SettingTable {
  name: string;
  title: string;
  columns: SettingColumn[];
  rows: SettingRow[];
}

/** One changed row: only the values that change. */
export interface SettingChange {
  id: number;
  values: Record<string, SettingValue>;
}

export interface SettingTableName {
  /** `system`, `task`, `task-item`, `channel`, `channel-attribute`, `protocol`, `protocol-attribute` */
  name: string;
  title: string;
  rows: number;
}

// ---- Endpoints ------------------------------------------------------------------------------------------------------

const meterPath = (meterNo: string) => `/api/meters/${encodeURIComponent(meterNo)}`;

export const api = {
  home: () => request<Home>('GET', '/api/home'),

  archive: () => request<Archive>('GET', '/api/meters'),
  meter: (meterNo: string) => request<MeterDetail>('GET', meterPath(meterNo)),
  /** 201; 400 with `errors` per field (`keys.encryptionKey` for keys); 409 when the number exists. */
  addMeter: (meter: MeterInput) => request<Meter>('POST', '/api/meters', meter),
  /** 200; 400 as above; 404. */
  changeMeter: (meter: MeterInput) => request<Meter>('PUT', meterPath(meter.meterNo), meter),
  /** 204. What was collected from the meter stays stored. */
  removeMeter: (meterNo: string) => request<void>('DELETE', meterPath(meterNo)),
  readMeter: (meterNo: string) => request<ReadAccepted>('POST', `${meterPath(meterNo)}/read`),

  profileRows: (meterNo: string, profile: string, from: Timestamp, to: Timestamp, signal?: AbortSignal) =>
    request<ProfileRows>(
      'GET', `${meterPath(meterNo)}/profiles/${encodeURIComponent(profile)}/rows${query({ from, to })}`, undefined, { signal }),
  /** Newest first; `limit` at most 500, 50 when left out. */
  communications: (meterNo: string, limit?: number) =>
    request<{ items: Communication[] }>('GET', `${meterPath(meterNo)}/communications${query({ limit })}`),

  events: (filter: EventQuery = {}) => request<EventPage>('GET', `/api/events${query({ ...filter })}`),

  settingTables: () => request<{ tables: SettingTableName[] }>('GET', '/api/settings'),
  settings: (table: string) => request<SettingTable>('GET', `/api/settings/${encodeURIComponent(table)}`),
  /** All changes or none; 400 with `errors` keyed `<id>.<column>`. Answers with the table as it is then. */
  changeSettings: (table: string, changes: SettingChange[]) =>
    request<SettingTable>('PUT', `/api/settings/${encodeURIComponent(table)}`, { changes }),
};

/** GET /api/stream: server-sent events, each `event: home` with `data:` a Home; at most one per second, at least one per 15 s. */
export const streamPath = '/api/stream';
