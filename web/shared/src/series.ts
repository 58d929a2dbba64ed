import type { ProfileColumn, ProfileRows } from './contract';

/** One curve: `values[i]` at `times[i]` (Unix seconds); null breaks the line. */
export interface Series {
  label: string;
  unit: string;
  /** Curves of one scale share an axis: active, reactive and apparent power are comparable, volts and amperes are not. */
  scale: string;
  decimals: number;
  /** Drawn as steps that end at the time stamp (a value of the interval) or as a line (a value at the time stamp). */
  stepped: boolean;
  values: (number | null)[];
}

export interface CurveData {
  times: number[];
  series: Series[];
  /** For each point the point whose time and values are told for it: the start of a first interval speaks for its end. */
  spokenFor: number[];
}

/** `power`: registers as power, their difference per hour. `register`: as they are. */
export type CurveMode = 'power' | 'register';

/** Makes curves of the chosen columns, with a break wherever a row is missing. */
export function curves(rows: ProfileRows, chosen: number[], mode: CurveMode): CurveData {
  const axis = timeAxis(rows.times, rows.capturePeriodSeconds);
  const series = chosen.flatMap((index) => {
    const column = rows.columns[index];
    return column && column.kind !== 'status' ? [toSeries(rows, column, index, axis, mode)] : [];
  });
  return { times: axis.times, series: withPrefixes(series), spokenFor: axis.rows.map((row, point) => (row === 'start' ? point + 1 : point)) };
}

/** The rows whose time stamp is after a moment (Unix seconds). */
export function rowsAfter(rows: ProfileRows, seconds: number): ProfileRows {
  const start = rows.times.findIndex((time) => time > seconds);
  const from = start < 0 ? rows.times.length : start;
  return { ...rows, times: rows.times.slice(from), values: rows.values.map((values) => values.slice(from)), status: rows.status.slice(from) };
}

/** Columns that can be drawn, as indexes into `rows.columns`. */
export function drawable(rows: ProfileRows): number[] {
  return rows.columns.flatMap((column, index) => (column.kind === 'status' ? [] : [index]));
}

/** Columns shown first: those of the first column's unit that carry something, at most two. */
export function initialColumns(rows: ProfileRows): number[] {
  const all = drawable(rows);
  const unit = rows.columns[all[0] ?? -1]?.unit;
  const alive = all.filter((index) => rows.columns[index]?.unit === unit && varies(rows.values[index] ?? []));
  return (alive.length > 0 ? alive : all).slice(0, 2);
}

/** Differences of a register per hour: `12 Wh` more in a quarter of an hour is `48 W`. Null for the first row and across gaps. */
export function powerOf(times: number[], values: (number | null)[], periodSeconds: number): (number | null)[] {
  return values.map((value, row) => {
    const before = values[row - 1];
    const start = times[row - 1];
    const end = times[row];
    if (value === null || before === null || before === undefined || start === undefined || end === undefined) return null;
    const seconds = end - start;
    // A step back means that the register was reset or the meter exchanged: there is no power to tell.
    if (seconds <= 0 || (periodSeconds > 0 && seconds > periodSeconds * 1.5) || value < before) return null;
    return ((value - before) * 3600) / seconds;
  });
}

interface TimeAxis {
  times: number[];
  /** Row shown at each point; `break` where the line is interrupted, `start` where the next row's interval begins after that. */
  rows: (number | 'break' | 'start')[];
}

/** The rows' time stamps, and where rows are missing: a break right after the last row and the start of the next row's interval. */
function timeAxis(times: number[], periodSeconds: number): TimeAxis {
  const axis: TimeAxis = { times: [], rows: [] };
  const add = (time: number, row: TimeAxis['rows'][number]) => {
    axis.times.push(time);
    axis.rows.push(row);
  };
  times.forEach((time, row) => {
    const before = times[row - 1];
    const afterGap = before === undefined || time - before > periodSeconds * 1.5;
    if (periodSeconds > 0 && afterGap) {
      if (before !== undefined) add(before + 1, 'break');
      add(time - periodSeconds, 'start');
    }
    add(time, row);
  });
  return axis;
}

function toSeries(rows: ProfileRows, column: ProfileColumn, index: number, axis: TimeAxis, mode: CurveMode): Series {
  const raw = rows.values[index] ?? [];
  const asPower = mode === 'power' && column.kind === 'cumulative';
  const values = asPower ? powerOf(rows.times, raw, rows.capturePeriodSeconds) : raw;
  const stepped = column.kind !== 'instant' && !(column.kind === 'cumulative' && !asPower);
  const unit = asPower ? powerUnit(column.unit) : column.unit;
  return {
    label: column.name,
    unit,
    scale: families[unit] ?? `unit ${unit}`,
    decimals: asPower ? 0 : column.decimals,
    stepped,
    values: stepped ? withStarts(axis, values) : axis.rows.map((row) => (typeof row === 'number' ? (values[row] ?? null) : null)),
  };
}

/** A step is drawn from the point before it: where that has no value, it takes the value of the interval that begins there. */
function withStarts(axis: TimeAxis, values: (number | null)[]): (number | null)[] {
  const valueOf = (row: TimeAxis['rows'][number] | undefined) => (typeof row === 'number' ? (values[row] ?? null) : null);
  return axis.rows.map((row, point) => {
    const own = valueOf(row);
    return own === null && row !== 'break' ? valueOf(axis.rows[point + 1]) : own;
  });
}

/** The unit of a difference per hour: Wh → W. */
function powerUnit(unit: string): string {
  return unit.endsWith('h') ? unit.slice(0, -1) : `${unit}/h`;
}

/** Units that are shown together, and in thousands once one value reaches 10,000, so that the axis stays legible. */
const families: Record<string, string> = { W: 'power', var: 'power', VA: 'power', Wh: 'energy', varh: 'energy', VAh: 'energy' };

function withPrefixes(series: Series[]): Series[] {
  const largest = new Map<string, number>();
  for (const { scale, values } of series) {
    const peak = values.reduce<number>((max, value) => Math.max(max, Math.abs(value ?? 0)), 0);
    largest.set(scale, Math.max(largest.get(scale) ?? 0, peak));
  }
  return series.map((one) => {
    if (!(one.unit in families) || (largest.get(one.scale) ?? 0) < 10_000) return one;
    return { ...one, unit: `k${one.unit}`, decimals: 3, values: one.values.map((value) => (value === null ? null : value / 1000)) };
  });
}

function varies(values: (number | null)[]): boolean {
  const present = values.filter((value) => value !== null);
  return present.some((value) => value !== present[0]);
}
