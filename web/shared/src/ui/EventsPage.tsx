import { useEffect, useState } from 'preact/hooks';
import type { EventItem, EventPage, EventQuery, Severity } from '../contract';
import { asApiError, useData } from '../data';
import { none } from '../format';
import { href } from '../router';
import { Chip, DateTime, PageHead, Panel, type Tone } from './basics';
import { type Column, DataTable } from './DataTable';
import { Icon } from './Icon';
import { Empty, Show } from './states';
import { toast } from './toasts';

export const severityTone: Record<Severity, Tone> = { info: 'idle', warning: 'warn', error: 'bad' };

const severities: { value: Severity; label: string }[] = [
  { value: 'error', label: 'Errors' }, { value: 'warning', label: 'Warnings' }, { value: 'info', label: 'Information' },
];

/** The event log, newest first. The head end's also names the concentrator. */
export function EventsPage({ load, meterHref, withConcentrator, severity }: {
  load: (query: EventQuery) => Promise<EventPage>;
  meterHref: (meterNo: string) => string;
  withConcentrator: boolean;
  severity: string | null;
}) {
  const [chosen, setChosen] = useState(severities.some(({ value }) => value === severity) ? (severity as string) : '');
  const [older, setOlder] = useState<EventPage[]>([]);
  const [busy, setBusy] = useState(false);
  const filter: EventQuery = chosen === '' ? {} : { severity: chosen as Severity };
  const first = useData(() => load(filter), [chosen]);
  useEffect(() => setOlder([]), [first.data]);

  const next = older.length > 0 ? older.at(-1)?.next : first.data?.next;
  const more = async () => {
    if (next === null || next === undefined) return;
    setBusy(true);
    try {
      const page = await load({ ...filter, before: next });
      setOlder([...older, page]);
    } catch (error) {
      toast('bad', asApiError(error).message);
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <PageHead title="Events" actions={<button type="button" class="button" onClick={first.reload}><Icon name="read" />Refresh</button>} />
      <Panel title="Event log" actions={(
        <select aria-label="Severity" value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
          <option value="">Severity: all</option>
          {severities.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
        </select>
      )}>
        <Show of={first} what="events">
          {(page) => (
            <>
              <DataTable caption="Events, newest first" rows={[...page.items, ...older.flatMap((one) => one.items)]} rowKey={(event) => event.id}
                columns={columns(meterHref, withConcentrator)} searchIn={(event) => [event.name, event.text, event.meterNo, event.concentrator, event.user]} searchLabel="Search these events"
                empty={<Empty title="No events">{chosen === '' ? 'Starts, changes of settings and faults are logged here as they happen.' : 'No event of this severity is in the log.'}</Empty>} />
              {next !== null && next !== undefined && <div class="pager"><button type="button" class="button" disabled={busy} onClick={() => void more()}>Load older events</button></div>}
            </>
          )}
        </Show>
      </Panel>
    </>
  );
}

function columns(meterHref: (meterNo: string) => string, withConcentrator: boolean): Column<EventItem>[] {
  return [
    { key: 'time', label: 'Time', mono: true, sort: (event) => event.time, cell: (event) => <DateTime value={event.time} /> },
    { key: 'severity', label: 'Severity', sort: (event) => ['info', 'warning', 'error'].indexOf(event.severity), cell: (event) => <Chip tone={severityTone[event.severity]}>{event.severity}</Chip> },
    { key: 'name', label: 'Event', sort: (event) => event.name, cell: (event) => <>{event.name}<div class="narrow-only">{event.meterNo !== null && <><a class="mono" href={meterHref(event.meterNo)}>{event.meterNo}</a>: </>}{event.text}</div></> },
    ...(withConcentrator ? [{
      key: 'concentrator', label: 'Concentrator', mono: true, wideOnly: true, sort: (event: EventItem) => event.concentrator,
      cell: (event: EventItem) => event.concentrator === null ? <span class="quiet">head end</span> : <a href={href('concentrators', event.concentrator)}>{event.concentrator}</a>,
    }] : []),
    { key: 'meter', label: 'Meter', mono: true, wideOnly: true, sort: (event) => event.meterNo, cell: (event) => event.meterNo === null ? <span class="quiet">{none}</span> : <a href={meterHref(event.meterNo)}>{event.meterNo}</a> },
    { key: 'text', label: 'Description', wrap: true, wideOnly: true, cell: (event) => event.text },
    { key: 'user', label: 'User', wideOnly: true, sort: (event) => event.user, cell: (event) => event.user ?? <span class="quiet">{none}</span> },
  ];
}
