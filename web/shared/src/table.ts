/** Sorting and searching of tables. */

export type SortValue = string | number | boolean | null | undefined;

export interface Sort {
  key: string;
  descending: boolean;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Orders two values; missing ones come last when ascending. */
export function compare(left: SortValue, right: SortValue): number {
  if (left === right) return 0;
  if (left === null || left === undefined) return 1;
  if (right === null || right === undefined) return -1;
  if (typeof left === 'string' && typeof right === 'string') return collator.compare(left, right);
  return Number(left) - Number(right);
}

/** A sorted copy; equal rows keep their order. */
export function sorted<T>(rows: readonly T[], value: (row: T) => SortValue, descending: boolean): T[] {
  return rows.toSorted((a, b) => (descending ? -1 : 1) * compare(value(a), value(b)));
}

/** Whether every word of the search occurs in one of the texts, regardless of case. */
export function matches(search: string, texts: readonly (string | null | undefined)[]): boolean {
  const haystack = texts.filter(Boolean).join('\n').toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => haystack.includes(word));
}
