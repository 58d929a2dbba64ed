import type { Day } from './contract';

/** Civil days of a time zone: which day a moment belongs to, and when a day begins. */

const dayMs = 86_400_000;

/** The civil day of a moment (Unix milliseconds) in a zone. */
export function dayOf(ms: number, zone: string): Day {
  return wallClock(ms, zone).slice(0, 10);
}

/** Date and time in a zone as `2026-11-21 03:40:05`. */
export function wallClock(ms: number, zone: string): string {
  const parts = formatter(zone).formatToParts(ms);
  const get = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '00';
  return `${get('year').padStart(4, '0')}-${get('month')}-${get('day')} ${get('hour')}:${get('minute')}:${get('second')}`;
}

/** Unix milliseconds at which a civil day begins in a zone. */
export function startOfDay(day: Day, zone: string): number {
  const asUtc = Date.parse(`${day}T00:00:00Z`);
  // The offset is looked up twice: the first guess may lie on the other side of a change to or from summer time.
  const first = asUtc - offsetMs(asUtc, zone);
  return asUtc - offsetMs(first, zone);
}

/** The day `count` days later (earlier when negative). */
export function addDays(day: Day, count: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * dayMs).toISOString().slice(0, 10);
}

/** All days from `first` to `last`, both included; empty when `last` is before `first`. */
export function daysBetween(first: Day, last: Day): Day[] {
  const count = Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / dayMs) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => addDays(first, index));
}

/** Whether a text names a day that exists. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && addDays(text, 0) === text;
}

function offsetMs(ms: number, zone: string): number {
  return Date.parse(`${wallClock(ms, zone).replace(' ', 'T')}Z`) - Math.floor(ms / 1000) * 1000;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone, hourCycle: 'h23',
      year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
    });
    formatters.set(zone, found);
  }
  return found;
}
