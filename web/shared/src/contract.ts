/**
 * What the REST APIs of the concentrator and of the head end have in common.
 *
 * Rules of both APIs:
 * - JSON in UTF-8, camelCase names. A member that has no value is `null`, never left out.
 * - A time is an ISO 8601 string in UTC with `Z` (`2026-11-21T03:40:00Z`); a day is `YYYY-MM-DD`; a duration says its unit in its name.
 *   Only `ProfileRows.times` is numbers (Unix seconds), because there are thousands of them.
 * - Device times come from the product's civil clock, which may run faster than the browser's (`DeviceClock.rate`).
 *   Ages are therefore always taken against the device's time.
 * - The session is a cookie (Secure, HttpOnly, SameSite=Strict). Every request except GET carries the header
 *   `X-Requested-With: gridtally`; the server refuses (403) one without it.
 * - Every error is `application/problem+json` (RFC 9457), see `Problem`. 401 means "log in (again)".
 * - An OBIS code in a path or body is written `1-0:99.1.0.255`; in a path it is percent-encoded as one segment.
 */

/** An ISO 8601 UTC time, `2026-11-21T03:40:00Z`. */
export type Timestamp = string;

/** A civil day, `2026-11-21`. */
export type Day = string;

/** RFC 9457, with this project's extensions. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  /** What was expected, what arrived, where, and what to do. */
  detail?: string;
  /** Validation: form field (camelCase, as in the request body) → messages. */
  errors?: Record<string, string[]>;
  /** 429 after too many failed logins: seconds until the next try is accepted. */
  retryAfterSeconds?: number;
  /** Who failed, for requests that go further than this server. */
  blame?: Blame;
}

export type Blame = 'request' | 'headend' | 'concentrator' | 'channel' | 'meter';

export interface Credentials {
  user: string;
  password: string;
}

/** PUT /api/session/password */
export interface PasswordChange {
  current: string;
  next: string;
}

export type Role = 'administrator' | 'viewer';

/** GET /api/session (200, or 401 when nobody is logged in) and the answer of POST /api/login. */
export interface Session {
  user: string;
  /** Only an administrator may change something; a viewer's change is refused with 403. */
  role: Role;
  /** Real time (not device time) at which the session ends unless it is used before. */
  expiresAt: Timestamp;
}

/** The product's civil clock. */
export interface DeviceClock {
  time: Timestamp;
  /** Seconds of device time per real second; 1 outside of demonstrations and tests. */
  rate: number;
  /** IANA name of the zone in which days begin, `UTC` by default. */
  timeZone: string;
}

/** How many of the expected rows are there. `expected` 0 means that none was due. */
export interface Completeness {
  got: number;
  expected: number;
}

export type Severity = 'info' | 'warning' | 'error';

/** One entry of an event log. */
export interface EventItem {
  /** Grows with time; unique in this product. */
  id: number;
  time: Timestamp;
  severity: Severity;
  /** Event code of the product or meter, as on the wire. */
  code: number;
  /** Short name of the code, `Meter unreachable`. */
  name: string;
  /** Null when the event is the product's own. */
  meterNo: string | null;
  /** Serial of the concentrator it came from; null in a concentrator's own log. */
  concentrator: string | null;
  text: string;
  /** Who caused it, for changes made by a user. */
  user: string | null;
}

/** GET /api/events, newest first. */
export interface EventPage {
  items: EventItem[];
  /** Give it as `before` to get the next older page; null on the last page. */
  next: number | null;
}

export interface EventQuery {
  /** At most 500; 100 when left out. */
  limit?: number;
  before?: number;
  meter?: string;
  severity?: Severity;
}

/**
 * What a column of a profile means:
 * `cumulative` a register that only grows (energy): the curve shows its difference per interval, as power;
 * `interval` a quantity of the interval (energy or average demand), `instant` a value at the time stamp;
 * `status` a bit field, never drawn as a curve.
 */
export type ColumnKind = 'cumulative' | 'interval' | 'instant' | 'status';

export interface ProfileColumn {
  obis: string;
  attribute: number;
  /** `Active energy import (+A)`. */
  name: string;
  /** Unit symbol after scaling, `Wh`, `V`; empty without unit. */
  unit: string;
  kind: ColumnKind;
  /** Digits after the point that the scaler gives (0 to 9). */
  decimals: number;
}

/**
 * GET /api/meters/{no}/profiles/{obis}/rows?from=&to= : rows with `from` < time stamp <= `to`, ascending by time.
 * A row's time stamp is the end of its interval. The profile's clock column is `times`; it is not in `columns`.
 */
export interface ProfileRows {
  meterNo: string;
  profile: string;
  /** Seconds between rows; 0 when the profile is captured by events. */
  capturePeriodSeconds: number;
  columns: ProfileColumn[];
  /** Unix seconds. */
  times: number[];
  /** `values[column][row]`, scaled; null where the meter sent none. A bit field is its integer. */
  values: (number | null)[][];
  /** AMR profile status of each row (manual 5.2.5), null where the profile has none. */
  status: (number | null)[];
  /** True when the range held more rows than one answer may carry (10,000); the first are given. */
  truncated: boolean;
}

/** What the product holds of one profile of one meter. */
export interface ProfileSummary {
  obis: string;
  name: string;
  capturePeriodSeconds: number;
  rows: number;
  first: Timestamp | null;
  last: Timestamp | null;
}

/** Why an exchange with a meter or concentrator failed. */
export type FailureReason = 'no-answer' | 'line-error' | 'refused' | 'security' | 'device-error' | 'cancelled';

export interface Failure {
  time: Timestamp;
  reason: FailureReason;
  text: string;
}

export type MeterState = 'reachable' | 'unreachable' | 'unknown' | 'disabled';

export interface StorageUse {
  databaseBytes: number;
  freeBytes: number;
}

export interface MemoryUse {
  residentBytes: number;
}
