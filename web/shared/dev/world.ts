import type { Completeness, Day, EventItem, EventPage, Failure, MeterState, ProfileRows, ProfileSummary } from '../src/contract.ts';

/** The invented district behind the mock servers: the same at every start, so that screenshots can be compared. */

export const rate = 60;
export const periodSeconds = 900;
const startReal = Date.now();
const startDevice = Date.parse('2026-11-21T09:12:40Z');
/** Nothing was collected before. */
const firstDay: Day = '2026-11-05';

export const deviceMs = () => startDevice + (Date.now() - startReal) * rate;
export const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
export const ago = (seconds: number) => iso(deviceMs() - seconds * 1000);
export const soon = (seconds: number) => iso(deviceMs() + seconds * 1000);
export const today = (): Day => iso(deviceMs()).slice(0, 10);
export const yesterday = (): Day => iso(deviceMs() - 86_400_000).slice(0, 10);

export interface MockMeter {
  meterNo: string;
  channel: string;
  address: string;
  enabled: boolean;
  state: MeterState;
  lastError: Failure | null;
  lastContactSeconds: number | null;
}

export const meters: MockMeter[] = Array.from({ length: 20 }, (_, index) => mockMeter(index));

function mockMeter(index: number): MockMeter {
  const bus = index < 8;
  const meter: MockMeter = {
    meterNo: `00${51920070 + index * 7}`,
    channel: bus ? (index < 4 ? '485_1' : '485_2') : 'tcp_meters',
    address: bus ? String(17 + (index % 4)) : `10.20.0.${11 + index}:4059`,
    enabled: true, state: 'reachable', lastError: null, lastContactSeconds: 40 + index * 13,
  };
  const fail = (seconds: number, reason: Failure['reason'], text: string) => ({ time: ago(seconds), reason, text });
  switch (index) {
    case 3: return { ...meter, state: 'unreachable', lastContactSeconds: 9 * 3600, lastError: fail(190, 'no-answer', 'No answer to SNRM from HDLC address 20 on 485_1 (9600 8N1) within 3 s, 3 tries. Check the meter\'s supply, and terminals A and B of the bus.') };
    case 6: return { ...meter, lastError: fail(7400, 'line-error', 'Frame check sequence wrong in 4 of 31 frames from HDLC address 19 on 485_2; expected 0x8C21, got 0x8C61 in the last. Check the bus for noise and missing termination.') };
    case 11: return { ...meter, state: 'unreachable', lastContactSeconds: 27 * 3600, lastError: fail(410, 'security', 'Meter 0051920147 at 10.20.0.22:4059 refused client 2: authentication failure. Expected HLS-5 GMAC with the stored keys; check them against the key file of the meter.') };
    case 15: return { ...meter, enabled: false, state: 'disabled', lastContactSeconds: 4 * 86_400 };
    case 19: return { ...meter, state: 'unknown', lastContactSeconds: null, lastError: fail(80, 'line-error', 'TCP connection to 10.20.0.30:4059 refused. Check address and port, and that the meter is on the network.') };
    default: return meter;
  }
}

/** Rows of one meter and day: the meters in trouble lack some. */
export function completeness(index: number, day: Day): Completeness {
  const meter = meters[index];
  const now = deviceMs();
  const start = Date.parse(`${day}T00:00:00Z`);
  if (!meter || day < firstDay || start > now || (index === 19 && day < yesterday()) || (!meter.enabled && day >= '2026-11-18')) return { got: 0, expected: 0 };
  const expected = Math.min(96, Math.floor((now - start) / (periodSeconds * 1000)));
  return { got: Math.round(expected * part(index, day)), expected };
}

function part(index: number, day: Day): number {
  if (index === 19) return 0;
  if (index === 3) return day === today() ? 0.06 : 1;
  if (index === 11) return day === today() ? 0 : day === yesterday() ? 0.71 : 1;
  if (index === 6) return 0.9 + noise(index, Date.parse(day)) * 0.1;
  if (day === '2026-11-14' && index < 8) return 0.35 + noise(index, 14) * 0.3;
  return noise(index, Date.parse(day) / 1000) > 0.97 ? 0.985 : 1;
}

export function total(day: Day, which: number[] = meters.map((_, index) => index)): Completeness {
  return which.map((index) => completeness(index, day)).reduce((sum, cell) => ({ got: sum.got + cell.got, expected: sum.expected + cell.expected }), { got: 0, expected: 0 });
}

export function profiles(index: number): ProfileSummary[] {
  const meter = meters[index];
  if (!meter || index === 19) return [];
  const last = deviceMs() - (meter.lastContactSeconds ?? 0) * 1000;
  return [{
    obis: '1-0:99.1.0.255', name: 'Energy load profile', capturePeriodSeconds: periodSeconds, rows: Math.floor((last - Date.parse(`${firstDay}T00:00:00Z`)) / 900_000),
    first: `${firstDay}T00:15:00Z`, last: iso(Math.floor(last / 900_000) * 900_000),
  }];
}

/** The nine capture objects of the DTSD545's energy load profile; the curve of a household, integrated. */
export function profileRows(index: number, profile: string, from: number, to: number): ProfileRows {
  const columns = [
    ['1-0:1.8.0.255', 'Active energy import (+A)', 'Wh'], ['1-0:2.8.0.255', 'Active energy export (−A)', 'Wh'],
    ['1-0:3.8.0.255', 'Reactive energy import (+R)', 'varh'], ['1-0:4.8.0.255', 'Reactive energy export (−R)', 'varh'],
    ['1-0:9.8.0.255', 'Apparent energy import', 'VAh'], ['1-0:10.8.0.255', 'Apparent energy export', 'VAh'],
  ].map(([obis = '', name = '', unit = '']) => ({ obis, attribute: 2, name, unit, kind: 'cumulative' as const, decimals: 0 }));
  const rows: ProfileRows = {
    meterNo: meters[index]?.meterNo ?? '', profile, capturePeriodSeconds: periodSeconds,
    columns: [...columns, { obis: '0-0:96.10.1.255', attribute: 2, name: 'Meter internal status', unit: '', kind: 'status', decimals: 0 }],
    times: [], values: Array.from({ length: 7 }, () => []), status: [], truncated: false,
  };
  const last = Date.parse(profiles(index)[0]?.last ?? '1970-01-01T00:00:00Z');
  const begin = Date.parse(`${firstDay}T00:00:00Z`);
  let energy = 1_204_000 + index * 37_000;
  for (let ms = begin + 900_000; ms <= Math.min(to, last); ms += 900_000) {
    const power = household(index, ms);
    energy += power / 4;
    const day = iso(ms - 1000).slice(0, 10);
    const missing = part(index, day) < 1 && ms % 86_400_000 > 30_000_000 && ms % 86_400_000 <= 30_000_000 + (1 - part(index, day)) * 86_400_000;
    if (ms <= from || missing) continue;
    rows.times.push(ms / 1000);
    [energy, 0, energy * 0.21, energy * 0.013, energy * 1.05, 0, 0].forEach((value, column) => rows.values[column]?.push(Math.round(value)));
    rows.status.push(ms % 86_400_000 === 43_200_000 && index === 6 ? 0x24 : 0);
  }
  return rows;
}

function household(index: number, ms: number): number {
  const hour = (ms / 3_600_000) % 24;
  const peak = (at: number, width: number, height: number) => height * Math.exp(-(((hour - at - noise(index, 3) * 1.5) / width) ** 2));
  const base = 140 + noise(index, 1) * 160;
  return base + peak(7.2, 1.1, 1500) + peak(12.4, 0.9, 900) + peak(18.6, 2.1, 2600) * (0.7 + noise(index, Math.floor(ms / 86_400_000)) * 0.6) + noise(index, ms / 900_000) * 420;
}

/** A number from 0 to 1 that depends only on its arguments. */
export function noise(a: number, b: number): number {
  const x = Math.sin(a * 127.1 + b * 311.7) * 43758.5453;
  return x - Math.floor(x);
}

const eventKinds: Pick<EventItem, 'severity' | 'code' | 'name' | 'text' | 'user'>[] = [
  { severity: 'warning', code: 0x0203, name: 'Meter unreachable', text: 'No answer within 3 s, 3 tries; next try in 8 min.', user: null },
  { severity: 'info', code: 0x0204, name: 'Meter reachable again', text: 'Answered after 2 h 14 min; 9 missing rows were read.', user: null },
  { severity: 'info', code: 0x0101, name: 'Setting changed', text: 'task-item 19 cron: 0 */4 * * * → */30 * * * *', user: 'admin' },
  { severity: 'error', code: 0x0301, name: 'Uplink lost', text: 'The head end closed the connection (reset by peer); dialling again in 4 s.', user: null },
  { severity: 'info', code: 0x0302, name: 'Uplink connected', text: 'Head end 10.1.0.5:4059, association of client 1 with HLS-5 GMAC.', user: null },
  { severity: 'info', code: 0x0001, name: 'Software started', text: 'Gridtally 0.1.0 started; the last stop was clean.', user: null },
];

export function events(query: URLSearchParams, concentrator: string | null): EventPage {
  const before = Number(query.get('before') ?? 241);
  const severity = query.get('severity');
  const items: EventItem[] = [];
  for (let id = before - 1; id > 0 && items.length < 100; id -= 1) {
    const kind = eventKinds[id % eventKinds.length];
    if (!kind || (severity !== null && kind.severity !== severity)) continue;
    items.push({ id, time: ago((241 - id) * 1733), meterNo: kind.code >> 8 === 2 ? (meters[id % 20]?.meterNo ?? null) : null, concentrator, ...kind });
  }
  const last = items.at(-1)?.id ?? 1;
  return { items, next: last > 6 ? last : null };
}

export function indexOf(meterNo: string): number {
  return meters.findIndex((meter) => meter.meterNo === meterNo);
}
