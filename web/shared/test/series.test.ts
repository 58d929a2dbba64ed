import { describe, expect, test } from 'vitest';
import type { ColumnKind, ProfileRows } from '../src/contract';
import { curves, drawable, initialColumns, powerOf, rowsAfter } from '../src/series';

const quarter = 900;

function rows(times: number[], values: (number | null)[], kind: ColumnKind = 'cumulative', unit = 'Wh'): ProfileRows {
  return {
    meterNo: '1', profile: '1-0:99.1.0.255', capturePeriodSeconds: quarter, times, values: [values],
    columns: [{ obis: '1-0:1.8.0.255', attribute: 2, name: 'Active energy import', unit, kind, decimals: 0 }],
    status: times.map(() => 0), truncated: false,
  };
}

describe('power of a register', () => {
  test('12 Wh in a quarter of an hour is 48 W', () => {
    expect(powerOf([0, quarter], [100, 112], quarter)).toEqual([null, 48]);
  });

  test('a missing row, a missing value and a register that went back have no power', () => {
    expect(powerOf([0, 3 * quarter], [100, 136], quarter)).toEqual([null, null]);
    expect(powerOf([0, quarter, 2 * quarter], [100, null, 130], quarter)).toEqual([null, null, null]);
    expect(powerOf([0, quarter], [100, 3], quarter)).toEqual([null, null]);
  });
});

describe('curves', () => {
  test('an interval is drawn from its beginning: the first takes its value at the row before', () => {
    const data = curves(rows([quarter, 2 * quarter, 3 * quarter], [100, 112, 118]), [0], 'power');
    expect(data.times).toEqual([0, quarter, 2 * quarter, 3 * quarter]);
    expect(data.series[0]).toMatchObject({ unit: 'W', stepped: true, values: [null, 48, 48, 24] });
  });

  test('where a row is missing the line breaks and begins again where the next interval begins', () => {
    const data = curves(rows([quarter, 2 * quarter, 5 * quarter, 6 * quarter], [1, 2, 5, 6], 'interval'), [0], 'power');
    expect(data.times).toEqual([0, quarter, 2 * quarter, 2 * quarter + 1, 4 * quarter, 5 * quarter, 6 * quarter]);
    expect(data.series[0]?.values).toEqual([1, 1, 2, null, 5, 5, 6]);
  });

  test('the start of an interval speaks for the row at its end', () => {
    expect(curves(rows([quarter, 2 * quarter], [1, 2], 'interval'), [0], 'power').spokenFor).toEqual([1, 1, 2]);
  });

  test('registers as such are lines, in their own unit, and untouched', () => {
    const data = curves(rows([quarter, 2 * quarter], [100, 112]), [0], 'register');
    expect(data.series[0]).toMatchObject({ unit: 'Wh', stepped: false, values: [null, 100, 112] });
  });

  test('from 10,000 on, all curves of the unit are shown in thousands', () => {
    const data = curves(rows([quarter, 2 * quarter], [9_000, 12_500], 'interval'), [0], 'power');
    expect(data.series[0]).toMatchObject({ unit: 'kWh', decimals: 3, values: [9, 9, 12.5] });
    expect(curves(rows([quarter], [9_999], 'interval'), [0], 'power').series[0]?.unit).toBe('Wh');
    expect(curves(rows([quarter], [12_000], 'instant', 'V'), [0], 'power').series[0]?.unit).toBe('V');
  });

  test('active and reactive power share an axis and its prefix, voltages have their own', () => {
    const both = rows([quarter, 2 * quarter], [9_000, 12_500], 'interval', 'W');
    both.columns.push({ ...both.columns[0]!, obis: '1-0:3.8.0.255', name: 'Reactive', unit: 'var' }, { ...both.columns[0]!, obis: '1-0:32.7.0.255', name: 'Voltage', unit: 'V', kind: 'instant' });
    both.values.push([500, 600], [230, 231]);
    const { series } = curves(both, [0, 1, 2], 'power');
    expect(series.map(({ unit, scale }) => [unit, scale])).toEqual([['kW', 'power'], ['kvar', 'power'], ['V', 'unit V']]);
    expect(series[1]?.values).toEqual([0.5, 0.5, 0.6]);
  });

  test('a status is never a curve', () => {
    expect(drawable(rows([quarter], [0], 'status'))).toEqual([]);
    expect(curves(rows([quarter], [0], 'status'), [0], 'power').series).toEqual([]);
  });
});

test('columns that never change are not shown at first, unless there is no other', () => {
  const two = rows([quarter, 2 * quarter], [5, 5]);
  two.columns.push({ ...two.columns[0]!, obis: '1-0:2.8.0.255' });
  two.values.push([1, 2]);
  expect(initialColumns(two)).toEqual([1]);
  expect(initialColumns(rows([quarter, 2 * quarter], [5, 5]))).toEqual([0]);
});

test('rows after a moment are cut off in every column alike', () => {
  const cut = rowsAfter(rows([quarter, 2 * quarter, 3 * quarter], [1, 2, 3]), quarter);
  expect(cut).toMatchObject({ times: [2 * quarter, 3 * quarter], values: [[2, 3]], status: [0, 0] });
  expect(rowsAfter(cut, 9 * quarter).times).toEqual([]);
});
