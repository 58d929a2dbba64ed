import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { deviceZone } from '../clock';
import type { ProfileRows, ProfileSummary, Timestamp } from '../contract';
import { csvName, download, profileCsv } from '../csv';
import { useData } from '../data';
import { addDays, dayOf, wallClock } from '../days';
import { count, decimal, period, time } from '../format';
import { type CurveMode, curves, drawable, initialColumns, rowsAfter } from '../series';
import { statusFlags } from '../status';
import { Panel } from './basics';
import { Chart } from './Chart';
import { type Column, DataTable } from './DataTable';
import { Segments } from './fields';
import { Icon } from './Icon';
import { bounds, type DayRange, RangePicker, today } from './RangePicker';
import { Empty, Show } from './states';

export interface ProfileViewProps {
  profiles: ProfileSummary[];
  load: (profile: string, from: Timestamp, to: Timestamp, signal: AbortSignal) => Promise<ProfileRows>;
}

const lengths = [{ days: 1, label: 'Day' }, { days: 7, label: 'Week' }, { days: 31, label: 'Month' }];

/** A meter's profiles as curve or table over a range of days, and as CSV. */
export function ProfileView({ profiles, load }: ProfileViewProps) {
  const [obis, setObis] = useState(profiles[0]?.obis ?? '');
  const profile = profiles.find((one) => one.obis === obis) ?? profiles[0];
  const [range, setRange] = useState<DayRange>(() => ({ last: lastDay(profile), length: 1 }));
  const [view, setView] = useState<'curve' | 'table'>('curve');
  const { from, to } = bounds(range);
  const rows = useData(
    // One row more at the beginning: the first interval's power is its difference to the row before.
    (signal) => profile ? load(profile.obis, iso(from - profile.capturePeriodSeconds * 1000), iso(to), signal) : Promise.reject(new Error('no profile')),
    [profile?.obis, from, to]);
  useReloadOnNewRows(profile, rows.reload);
  const shown = useMemo(() => rows.data && rowsAfter(rows.data, from / 1000), [rows.data, from]);

  if (!profile) {
    return (
      <Panel title="Load profile">
        <Empty title="No profile yet">The meter's profiles appear here once its task has read them for the first time.</Empty>
      </Panel>
    );
  }
  const tools = (
    <>
      <Segments label="View" value={view} options={[{ value: 'curve', label: 'Curve' }, { value: 'table', label: 'Table' }]} onChange={setView} />
      <button type="button" class="button" disabled={!shown?.times.length} onClick={() => shown && download(csvName(shown), profileCsv(shown))}><Icon name="download" />CSV</button>
    </>
  );
  return (
    <Panel title={profile.name} note={`${profile.obis} · every ${period(profile.capturePeriodSeconds)}`} actions={tools}>
      <div class="profile-tools">
        {profiles.length > 1 && (
          <select aria-label="Profile" value={profile.obis} onChange={(event) => setObis(event.currentTarget.value)}>
            {profiles.map((one) => <option key={one.obis} value={one.obis}>{one.name}</option>)}
          </select>
        )}
        <RangePicker value={range} lengths={lengths} onChange={setRange} />
        {shown && <span class="found">{count(shown.times.length)} rows shown, {count(profile.rows)} stored</span>}
      </div>
      <Show of={rows} what="rows">
        {(data) => !shown?.times.length
          ? <NoRows summary={profile} range={range} onShowLast={() => setRange({ ...range, last: lastDay(profile) })} />
          : view === 'curve' ? <Curves rows={data} from={from / 1000} to={to / 1000} /> : <RowTable rows={shown} />}
      </Show>
      {rows.data?.truncated && <p class="form-error">The range holds more rows than are shown at once. Choose a shorter one.</p>}
    </Panel>
  );
}

/** Loads again when rows were stored since: the page gets the profile's summary anew every few seconds. */
function useReloadOnNewRows(profile: ProfileSummary | undefined, reload: () => void): void {
  const version = profile && `${profile.obis} ${profile.rows} ${profile.last}`;
  const seen = useRef({ obis: profile?.obis, version });
  useEffect(() => {
    const isNews = seen.current.obis === profile?.obis && seen.current.version !== version;
    seen.current = { obis: profile?.obis, version };
    if (isNews) reload();
  }, [version]);
}

function NoRows({ summary, range, onShowLast }: { summary: ProfileSummary; range: DayRange; onShowLast: () => void }) {
  const first = addDays(range.last, 1 - range.length);
  const span = range.length === 1 ? `on ${range.last}` : `from ${first} to ${range.last}`;
  return (
    <Empty title={`No rows ${span}`}>
      {summary.last === null
        ? 'None has been read yet. The communication history says why.'
        : <>Rows are stored from {time(summary.first)} to {time(summary.last)}. <button type="button" class="button small" onClick={onShowLast}>Show the last day</button></>}
    </Empty>
  );
}

function Curves({ rows, from, to }: { rows: ProfileRows; from: number; to: number }) {
  const [chosen, setChosen] = useState(() => initialColumns(rows));
  const [mode, setMode] = useState<CurveMode>('power');
  const data = useMemo(() => curves(rows, chosen, mode), [rows, chosen, mode]);
  const toggle = (index: number) => setChosen(chosen.includes(index) ? chosen.filter((one) => one !== index) : [...chosen, index].toSorted((a, b) => a - b));
  const hasRegisters = rows.columns.some((column) => column.kind === 'cumulative');
  return (
    <>
      <div class="series-choice">
        {hasRegisters && (
          <Segments label="Registers as" value={mode} options={[{ value: 'power', label: 'Average power' }, { value: 'register', label: 'Register' }]} onChange={setMode} />
        )}
        <div class="checks" role="group" aria-label="Columns of the curve">
          {drawable(rows).map((index) => (
            <label class="check" key={index}>
              <input type="checkbox" checked={chosen.includes(index)} onChange={() => toggle(index)} />
              <span>{rows.columns[index]?.name}</span>
            </label>
          ))}
        </div>
      </div>
      {chosen.length === 0
        ? <Empty title="No column chosen">Choose at least one column above.</Empty>
        : <Chart data={data} from={from} to={to} label={`Curve of ${data.series.map((series) => series.label).join(', ')} of meter ${rows.meterNo}`} />}
    </>
  );
}

function RowTable({ rows }: { rows: ProfileRows }) {
  const numbers = useMemo(() => rows.times.map((_, row) => row), [rows]);
  const zone = deviceZone();
  const columns: Column<number>[] = [
    { key: 'time', label: `Time (${zone})`, mono: true, sort: (row) => rows.times[row], cell: (row) => wallClock((rows.times[row] ?? 0) * 1000, zone).slice(0, 16) },
    ...rows.columns.map((column, index): Column<number> => ({
      key: `${index}`, align: 'right', mono: true,
      label: column.unit === '' ? column.name : `${column.name} [${column.unit}]`,
      sort: (row) => rows.values[index]?.[row],
      cell: (row) => decimal(rows.values[index]?.[row] ?? null, column.decimals),
    })),
    { key: 'status', label: 'Status', cell: (row) => <StatusWord word={rows.status[row] ?? null} /> },
  ];
  return <DataTable caption={`Rows of ${rows.profile}`} rows={numbers} columns={columns} rowKey={(row) => row} initialSort={{ key: 'time', descending: true }} empty={null} />;
}

function StatusWord({ word }: { word: number | null }) {
  if (word === null || word === 0) return <span class="quiet">ok</span>;
  return <>{statusFlags(word).map((flag) => <abbr key={flag.key} class="flag" title={flag.meaning}>{flag.key}</abbr>)}</>;
}

/** The day that the newest row belongs to (a row stamped 00:00 belongs to the day before), today without rows. */
function lastDay(profile: ProfileSummary | undefined) {
  return profile?.last ? dayOf(Date.parse(profile.last) - 1000, deviceZone()) : today();
}

function iso(ms: number): Timestamp {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
