import type { ProfileRows } from './contract';

/** Rows of a profile as CSV (RFC 4180): UTC times, one column per capture object, values as the meter sent them (scaled). */
export function profileCsv(rows: ProfileRows): string {
  const header = ['time_utc', ...rows.columns.map((column) => title(column)), 'status'];
  const lines = [header.map(field).join(',')];
  rows.times.forEach((seconds, row) => {
    const cells = rows.columns.map((column, index) => number(rows.values[index]?.[row] ?? null, column.decimals));
    lines.push([new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'), ...cells, number(rows.status[row] ?? null, 0)].join(','));
  });
  return lines.join('\r\n') + '\r\n';
}

/** File name that says meter, profile and first and last day. */
export function csvName(rows: ProfileRows): string {
  const day = (seconds: number | undefined) => (seconds === undefined ? 'empty' : new Date(seconds * 1000).toISOString().slice(0, 10));
  const profile = rows.profile.replace(/[^0-9A-Za-z.]+/g, '-');
  return `${rows.meterNo}_${profile}_${day(rows.times[0])}_${day(rows.times.at(-1))}.csv`;
}

/** Offers a text as a file to save. */
export function download(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function title(column: ProfileRows['columns'][number]): string {
  return `${column.name} ${column.obis}:${column.attribute}${column.unit === '' ? '' : ` [${column.unit}]`}`;
}

function number(value: number | null, decimals: number): string {
  return value === null ? '' : value.toFixed(decimals);
}

/** A leading = + - @ would be run as a formula by spreadsheets; names come from meters, so they are defused. */
function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
