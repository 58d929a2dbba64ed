import { beforeEach, describe, expect, test } from 'vitest';
import { deviceNow, setDeviceClock } from '../src/clock';
import { ago, bytes, decimal, duration, lineTime, percent, period, plural, share, shortTime, time, until } from '../src/format';

describe('completeness', () => {
  test('100 % only when nothing is missing', () => {
    expect(percent({ got: 95_999, expected: 96_000 })).toBe('99.9 %');
    expect(percent({ got: 96, expected: 96 })).toBe('100 %');
    expect(percent({ got: 97, expected: 96 })).toBe('100 %');
    expect(percent({ got: 0, expected: 96 })).toBe('0.0 %');
  });

  test('without an expectation there is no share', () => {
    expect(share({ got: 3, expected: 0 })).toBeNull();
    expect(percent({ got: 3, expected: 0 })).toBe('–');
  });
});

test('bytes keep two or three digits', () => {
  expect([0, 999, 1000, 38_420_480, 99_960, 21_474_836_480].map(bytes)).toEqual(['0 B', '999 B', '1.0 kB', '38.4 MB', '100 kB', '21.5 GB']);
});

test('durations show the largest unit and what it hides of the next', () => {
  expect([0, 59_999, 60_000, 3_600_000, 8_040_000, 86_400_000, 97_200_000].map(duration)).toEqual(['0 s', '59 s', '1 min', '1 h', '2 h 14 min', '1 d', '1 d 3 h']);
  expect([12.4, 999, 1240].map(lineTime)).toEqual(['12 ms', '999 ms', '1.2 s']);
  expect([0, 1, 900, 3600, 86_400].map(period)).toEqual(['on event', '1 s', '15 min', '1 h', '1 d']);
});

test('numbers have the digits of their scaler, and a missing one is a dash', () => {
  expect(decimal(1234.5, 2)).toBe('1,234.50');
  expect(decimal(null, 2)).toBe('–');
  expect([plural(1, 'meter'), plural(0, 'meter'), plural(2000, 'meter')]).toEqual(['1 meter', '0 meters', '2,000 meters']);
});

describe('device times', () => {
  beforeEach(() => setDeviceClock({ time: '2026-11-21T12:00:00Z', rate: 1, timeZone: 'UTC' }));

  test('the clock runs on at the device\'s rate', () => {
    setDeviceClock({ time: '2026-11-21T12:00:00Z', rate: 60, timeZone: 'UTC' }, 1000);
    expect(new Date(deviceNow(3000)).toISOString()).toBe('2026-11-21T12:02:00.000Z');
  });

  test('ages and waits are taken against the device, not the browser', () => {
    expect(ago('2026-11-21T11:00:00Z')).toMatch(/^1 h( \d min)? ago$/);
    expect(ago('2026-11-21T12:30:00Z')).toBe('0 s ago');
    expect(ago(null)).toBe('never');
    expect(until('2026-11-21T11:59:00Z')).toBe('now');
    expect(until('2026-11-21T14:00:30Z')).toBe('in 2 h');
  });

  test('the day is left out when it is today\'s', () => {
    expect(shortTime('2026-11-21T08:15:00Z')).toBe('08:15:00');
    expect(shortTime('2026-11-20T08:15:00Z')).toBe('2026-11-20 08:15');
    expect(time(null)).toBe('–');
  });

  test('times are shown in the device\'s zone', () => {
    setDeviceClock({ time: '2026-11-21T12:00:00Z', rate: 1, timeZone: 'Asia/Shanghai' });
    expect(time('2026-11-21T20:00:00Z')).toBe('2026-11-22 04:00:00');
  });
});
