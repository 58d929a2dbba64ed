import type { Completeness } from './contract';
import { count, percent, share } from './format';

/** How complete a cell of the heat map is: 0 nothing, 4 all, null where nothing was due. */
export type HeatLevel = 0 | 1 | 2 | 3 | 4 | null;

/** Lower bounds of the levels 1 to 4; level 4 only when nothing is missing. */
export const heatBounds = [0, 0.5, 0.9, 1] as const;

export function heatLevel(cell: Completeness): HeatLevel {
  const part = share(cell);
  if (part === null) return null;
  if (part === 1) return 4;
  if (part >= heatBounds[2]) return 3;
  if (part >= heatBounds[1]) return 2;
  return part > 0 ? 1 : 0;
}

/** What stands in the cell: nothing when all is there, else the whole per cent, rounded down. */
export function heatText(cell: Completeness): string {
  const part = share(cell);
  return part === null || part === 1 ? '' : String(Math.floor(part * 100));
}

/** `95 of 96 rows, 98.9 %, 1 missing` */
export function heatSentence(cell: Completeness): string {
  if (cell.expected <= 0) return 'no rows due';
  const missing = Math.max(0, cell.expected - cell.got);
  return `${count(cell.got)} of ${count(cell.expected)} rows, ${percent(cell)}${missing > 0 ? `, ${count(missing)} missing` : ''}`;
}

export function sum(cells: Iterable<Completeness>): Completeness {
  const total = { got: 0, expected: 0 };
  for (const cell of cells) {
    total.got += cell.got;
    total.expected += cell.expected;
  }
  return total;
}
