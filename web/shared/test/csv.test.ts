import { expect, test } from 'vitest';
import type { ProfileRows } from '../src/contract';
import { csvName, profileCsv } from '../src/csv';

const rows: ProfileRows = {
  meterNo: '0051920070', profile: '1-0:99.1.0.255', capturePeriodSeconds: 900,
  columns: [
    { obis: '1-0:1.8.0.255', attribute: 2, name: 'Active energy import (+A)', unit: 'kWh', kind: 'cumulative', decimals: 2 },
    { obis: '0-0:96.10.1.255', attribute: 2, name: '=cmd("x"), status', unit: '', kind: 'status', decimals: 0 },
  ],
  times: [Date.parse('2026-11-21T00:15:00Z') / 1000, Date.parse('2026-11-21T00:30:00Z') / 1000],
  values: [[1204.1, null], [0, 4]], status: [0, null], truncated: false,
};

test('one line per row in UTC, scaled values with their digits, nothing where nothing was sent', () => {
  expect(profileCsv(rows).split('\r\n')).toEqual([
    'time_utc,Active energy import (+A) 1-0:1.8.0.255:2 [kWh],"\'=cmd(""x""), status 0-0:96.10.1.255:2",status',
    '2026-11-21T00:15:00Z,1204.10,0,0',
    '2026-11-21T00:30:00Z,,4,',
    '',
  ]);
});

test('the file is named after meter, profile and days', () => {
  expect(csvName(rows)).toBe('0051920070_1-0-99.1.0.255_2026-11-21_2026-11-21.csv');
  expect(csvName({ ...rows, times: [] })).toBe('0051920070_1-0-99.1.0.255_empty_empty.csv');
});
