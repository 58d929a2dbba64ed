import { ageMs, deviceNow, deviceZone } from './clock';
import type { Completeness, Timestamp } from './contract';
import { wallClock } from './days';

/** Stands where a value is missing. */
export const none = '–';

const integers = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** `11,520` */
export function count(value: number): string {
  return integers.format(value);
}

/** A number with exactly `decimals` digits after the point, grouped: `1,234.50`. */
export function decimal(value: number | null, decimals: number): string {
  if (value === null) return none;
  return value.toLocaleString('en-GB', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** `1.4 MB`, decimal prefixes. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let rest = value;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return `${unit === 0 || rest >= 99.95 ? Math.round(rest) : rest.toFixed(1)} ${units[unit]}`;
}

/** Share of the expected rows, 0 to 1; null when none was due. More than expected counts as all. */
export function share({ got, expected }: Completeness): number | null {
  return expected <= 0 ? null : Math.min(1, got / expected);
}

/** `98.9 %`. Rounded down, so that 100 % always means that nothing is missing. */
export function percent(completeness: Completeness): string {
  const part = share(completeness);
  if (part === null) return none;
  if (part === 1) return '100 %';
  return `${(Math.floor(part * 1000) / 10).toFixed(1)} %`;
}

/** Device time as `2026-11-21 03:40:05` in the device's zone. */
export function time(value: Timestamp | null): string {
  return value === null ? none : wallClock(Date.parse(value), deviceZone());
}

/** Like `time`, but only `03:40` when it is on the device's present day. */
export function shortTime(value: Timestamp | null): string {
  if (value === null) return none;
  const text = wallClock(Date.parse(value), deviceZone());
  const today = wallClock(deviceNow(), deviceZone()).slice(0, 10);
  return text.startsWith(today) ? text.slice(11) : text.slice(0, 16);
}

/** `12 s`, `3 min`, `5 h`, `2 d`: the largest unit, and the next one below where it says something. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** Time on a line: `85 ms`, `1.2 s`. */
export function lineTime(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `3 min ago`, against the device's clock. */
export function ago(value: Timestamp | null): string {
  return value === null ? 'never' : `${duration(ageMs(value))} ago`;
}

/** `in 3 min`, against the device's clock. */
export function until(value: Timestamp): string {
  const ms = Date.parse(value) - deviceNow();
  return ms <= 0 ? 'now' : `in ${duration(ms)}`;
}

/** `1 meter`, `2 meters`. */
export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}

/** A capture period: `15 min`, `1 h`, `on event`. */
export function period(seconds: number): string {
  if (seconds === 0) return 'on event';
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
