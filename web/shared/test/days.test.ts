import { describe, expect, test } from 'vitest';
import { addDays, dayOf, daysBetween, isDay, startOfDay, wallClock } from '../src/days';

const utc = (text: string) => Date.parse(text);

describe('days in UTC', () => {
  test('a moment belongs to its civil day', () => {
    expect(dayOf(utc('2026-11-21T23:59:59Z'), 'UTC')).toBe('2026-11-21');
    expect(dayOf(utc('2026-11-22T00:00:00Z'), 'UTC')).toBe('2026-11-22');
  });

  test('a day begins at midnight', () => {
    expect(startOfDay('2026-11-21', 'UTC')).toBe(utc('2026-11-21T00:00:00Z'));
  });

  test('the clock on the wall has 24 hours and no zone', () => {
    expect(wallClock(utc('2026-01-02T00:00:05Z'), 'UTC')).toBe('2026-01-02 00:00:05');
  });
});

describe('days in a zone with summer time', () => {
  const zone = 'Europe/Riga';

  test('a day begins two hours before UTC in winter and three in summer', () => {
    expect(startOfDay('2026-01-15', zone)).toBe(utc('2026-01-14T22:00:00Z'));
    expect(startOfDay('2026-07-15', zone)).toBe(utc('2026-07-14T21:00:00Z'));
  });

  test('the day of the change to summer time has 23 hours, that of the change back 25', () => {
    const hours = (day: string) => (startOfDay(addDays(day, 1), zone) - startOfDay(day, zone)) / 3_600_000;
    expect(hours('2026-03-29')).toBe(23);
    expect(hours('2026-10-25')).toBe(25);
    expect(hours('2026-10-26')).toBe(24);
  });

  test('a zone behind UTC begins its day later', () => {
    expect(startOfDay('2026-11-21', 'America/New_York')).toBe(utc('2026-11-21T05:00:00Z'));
  });
});

describe('counting days', () => {
  test('adding crosses months and leap days', () => {
    expect(addDays('2026-11-30', 1)).toBe('2026-12-01');
    expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
  });

  test('both ends are included, and a turned range is empty', () => {
    expect(daysBetween('2026-02-27', '2026-03-02')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02']);
    expect(daysBetween('2026-03-02', '2026-02-27')).toEqual([]);
  });

  test('only days that exist are days', () => {
    expect(isDay('2026-02-28')).toBe(true);
    for (const text of ['2026-02-29', '2026-13-01', '26-01-01', '', '2026-1-1']) expect(isDay(text)).toBe(false);
  });
});
