import { asApiError, useData } from '@gridtally/shared/data';
import { plural } from '@gridtally/shared/format';
import { href } from '@gridtally/shared/router';
import { Empty, PageHead, Panel, Show, toast } from '@gridtally/shared/ui';
import { useEffect, useState } from 'preact/hooks';
import { api, type SettingColumn, type SettingRow, type SettingTable, type SettingValue } from '../api';
import { type Edits, changesOf, edit } from '../settingEdits';

/** The settings tables of the SX5D1 (figures 9 to 21): one at a time, changed in place, saved together. */
export function SettingsPage({ table, mayChange }: { table: string | undefined; mayChange: boolean }) {
  const tables = useData(() => api.settingTables(), []);
  return (
    <>
      <PageHead title="Settings" />
      <Show of={tables} what="the settings">
        {({ tables: known }) => {
          const chosen = known.find((one) => one.name === table) ?? known[0];
          if (!chosen) return <Empty title="There are no settings tables" />;
          return (
            <>
              <nav class="tabs" aria-label="Settings tables">
                {known.map((one) => <a key={one.name} href={href('settings', one.name)} aria-current={one === chosen ? 'page' : undefined}>{one.title} <span class="quiet">{one.rows}</span></a>)}
              </nav>
              <TablePanel key={chosen.name} name={chosen.name} title={chosen.title} mayChange={mayChange} />
            </>
          );
        }}
      </Show>
    </>
  );
}

function TablePanel({ name, title, mayChange }: { name: string; title: string; mayChange: boolean }) {
  const table = useData(() => api.settings(name), [name]);
  const [edits, setEdits] = useState<Edits>({});
  const [errors, setErrors] = useState<Record<string, string[]>>({});
  const [search, setSearch] = useState('');
  const [busy, setBusy] = useState(false);
  const changes = changesOf(edits);
  useWarningBeforeLeaving(changes.length > 0);

  const save = async () => {
    setBusy(true);
    try {
      table.replace(await api.changeSettings(name, changes));
      setEdits({});
      setErrors({});
      toast('ok', `${plural(changes.length, 'row')} of ${title} saved.`);
    } catch (failure) {
      const error = asApiError(failure);
      setErrors(error.problem.errors ?? {});
      toast('bad', error.message);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Panel title={title}>
      <Show of={table} what={title}>
        {(data) => data.rows.length === 0
          ? <Empty title="This table is empty">It is filled by an import of settings.</Empty>
          : (
            <>
              <div class="table-tools"><input type="search" class="search" aria-label="Search this table" placeholder="Search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} /></div>
              <Grid table={data} rows={filter(data.rows, search)} edits={edits} errors={errors} disabled={!mayChange || busy}
                onEdit={(row, column, value) => setEdits((before) => edit(before, row, column, value))} />
              {changes.length > 0 && (
                <div class="save-bar" role="status">
                  <span>{plural(changes.length, 'row')} changed, not saved yet</span>
                  <button type="button" class="button" onClick={() => { setEdits({}); setErrors({}); }}>Discard</button>
                  <button type="button" class="button primary" disabled={busy} onClick={() => void save()}>Save changes</button>
                </div>
              )}
            </>
          )}
      </Show>
    </Panel>
  );
}

interface GridProps {
  table: SettingTable;
  rows: SettingRow[];
  edits: Edits;
  errors: Record<string, string[]>;
  disabled: boolean;
  onEdit: (row: SettingRow, column: string, value: SettingValue) => void;
}

function Grid({ table, rows, edits, errors, disabled, onEdit }: GridProps) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={table.title}>
      <table>
        <thead><tr><th scope="col" class="row-id">ID</th>{table.columns.map((column) => <th key={column.name} scope="col">{column.label}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} class={edits[row.id] ? 'changed' : undefined}>
              <th scope="row" class="row-id quiet">{row.id}</th>
              {table.columns.map((column) => {
                const value = edits[row.id]?.[column.name] ?? row.values[column.name] ?? null;
                const message = errors[`${row.id}.${column.name}`]?.join(' ');
                return (
                  <td key={column.name} class={column.name === 'description' ? 'wrap' : undefined}>
                    {column.editable && !disabled
                      ? <Cell column={column} value={value} isSecret={row.values[column.name] === '***'} label={`${column.label} of row ${row.id}`} invalid={message !== undefined} onChange={(next) => onEdit(row, column.name, next)} />
                      : <Plain column={column} value={value} />}
                    {message && <span class="message" role="alert">{message}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <Empty title="Nothing matches">Clear the search to see all rows.</Empty>}
    </div>
  );
}

function Plain({ column, value }: { column: SettingColumn; value: SettingValue }) {
  if (value === null || value === '') return <span class="quiet">none</span>;
  if (typeof value === 'boolean') return <>{value ? 'Enable' : 'Disable'}</>;
  return <span class={column.type === 'cron' || column.name === 'key' ? 'mono' : undefined}>{value}</span>;
}

function Cell({ column, value, isSecret, label, invalid, onChange }: { column: SettingColumn; value: SettingValue; isSecret: boolean; label: string; invalid: boolean; onChange: (value: SettingValue) => void }) {
  const aria = { 'aria-label': label, 'aria-invalid': invalid || undefined };
  // Whether a value is secret may depend on its row (a key such as ppp.password): the server then sends asterisks.
  switch (isSecret ? 'secret' : column.type) {
    case 'boolean': return (
      <select {...aria} value={value === true ? 'true' : 'false'} onChange={(event) => onChange(event.currentTarget.value === 'true')}>
        <option value="true">Enable</option><option value="false">Disable</option>
      </select>
    );
    case 'choice': return (
      <select {...aria} value={String(value ?? '')} onChange={(event) => onChange(event.currentTarget.value)}>
        {[...new Set([String(value ?? ''), ...(column.choices ?? [])])].map((choice) => <option key={choice} value={choice}>{choice || 'none'}</option>)}
      </select>
    );
    case 'integer': return <input {...aria} type="number" step={1} value={value === null ? '' : Number(value)} onInput={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.valueAsNumber)} />;
    case 'secret': return <input {...aria} type="password" autocomplete="new-password" value={String(value ?? '')} onInput={(event) => onChange(event.currentTarget.value)} />;
    default: return <input {...aria} type="text" class={column.type === 'cron' ? 'mono' : undefined} spellcheck={false} value={String(value ?? '')} onInput={(event) => onChange(event.currentTarget.value)} />;
  }
}

function filter(rows: SettingRow[], search: string): SettingRow[] {
  const text = search.trim().toLowerCase();
  return text === '' ? rows : rows.filter((row) => Object.values(row.values).some((value) => String(value).toLowerCase().includes(text)));
}

function useWarningBeforeLeaving(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [unsaved]);
}
