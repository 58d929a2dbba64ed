import type { SettingChange, SettingRow, SettingValue } from './api';

/** Unsaved changes of a settings table: row id → column → new value. */
export type Edits = Record<number, Record<string, SettingValue>>;

/** Notes a changed value; one that is back at what is stored is no change. */
export function edit(edits: Edits, row: SettingRow, column: string, value: SettingValue): Edits {
  const { [column]: _, ...others } = edits[row.id] ?? {};
  const stored = row.values[column] ?? null;
  const same = value === stored || (value === '' && stored === null);
  const values = same ? others : { ...others, [column]: value };
  const { [row.id]: __, ...rest } = edits;
  return Object.keys(values).length === 0 ? rest : { ...rest, [row.id]: values };
}

export function changesOf(edits: Edits): SettingChange[] {
  return Object.entries(edits).map(([id, values]) => ({ id: Number(id), values }));
}
