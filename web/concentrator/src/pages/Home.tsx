import { ago, bytes, count, duration, percent, plural, share, shortTime, time, until } from '@gridtally/shared/format';
import { ageMs } from '@gridtally/shared/clock';
import { useTick } from '@gridtally/shared/data';

import type { Live } from '@gridtally/shared/stream';
import { Bar, Chip, type Column, DataTable, Empty, Facts, PageHead, Panel, Show, Stat, type Tone, toneOf } from '@gridtally/shared/ui';
import type { Home, HomeCount, HomeError, NextRun, Uplink } from '../api';
import { meterHref } from '../places';

/** The home page of the SX5D1 (figure 6): what was collected, with what was expected beside it. */
export function HomePage({ live }: { live: Live<Home> }) {
  useTick(1000);
  return (
    <>
      <PageHead title="Home" beside={live.data && <span class="quiet">running since {time(live.data.device.startedAt)}</span>} />
      <Show of={live} what="the state of the concentrator">
        {(home) => (
          <>
            <KeyFigures home={home} />
            <div class="columns">
              <div class="stack">
                <Counts counts={home.counts} meters={home.meters.total} />
                <Errors errors={home.errors} />
              </div>
              <div class="stack">
                <NextRuns runs={home.nextRuns} />
                <UplinkPanel uplink={home.uplink} />
                <Panel title="Device">
                  <Facts items={[
                    ['Database', bytes(home.storage.databaseBytes)],
                    ['Free on disk', bytes(home.storage.freeBytes)],
                    ['Memory in use', bytes(home.memory.residentBytes)],
                    ['Running for', duration(ageMs(home.device.startedAt))],
                  ]} />
                </Panel>
              </div>
            </div>
          </>
        )}
      </Show>
    </>
  );
}

const uplinkTones: Record<Uplink['state'], Tone> = { connected: 'ok', connecting: 'warn', disconnected: 'bad', disabled: 'idle' };

export function UplinkChip({ uplink }: { uplink: Uplink }) {
  return <Chip tone={uplinkTones[uplink.state]}>{uplink.state}</Chip>;
}

function KeyFigures({ home: { uplink, meters, completeness } }: { home: Home }) {
  const silent = meters.enabled - meters.reachable;
  return (
    <div class="stats">
      <Stat label="Meters reachable" value={<>{count(meters.reachable)}<span class="quiet"> / {count(meters.enabled)}</span></>}
        tone={meters.total === 0 ? 'idle' : silent > 0 ? 'warn' : 'ok'} href={silent > 0 ? '#/archive?state=silent' : '#/archive'}
        detail={silent > 0 ? `${plural(silent, 'meter')} not reachable` : `${plural(meters.total, 'meter')} in the archive`} />
      <Stat label="Load profiles today" value={percent(completeness.today)} tone={toneOf(completeness.today)} detail={rowsText(completeness.today)} />
      <Stat label="Load profiles yesterday" value={percent(completeness.yesterday)} tone={toneOf(completeness.yesterday)} detail={rowsText(completeness.yesterday)} />
      <Stat label="Waiting for the head end" value={count(uplink.backlog)} tone={uplink.state === 'connected' ? 'ok' : uplinkTones[uplink.state]}
        detail={uplink.state === 'connected' ? 'journal records, uplink connected' : `journal records, uplink ${uplink.state}`} />
    </div>
  );
}

function rowsText(value: Home['completeness']['today']): string {
  return value.expected === 0 ? 'no rows due' : `${count(value.got)} of ${count(value.expected)} rows`;
}

const countColumns: Column<HomeCount>[] = [
  { key: 'label', label: 'Item', cell: (item) => item.label },
  { key: 'period', label: 'Period', cell: (item) => (item.period === 'day' ? 'today' : 'this month'), wideOnly: true },
  { key: 'got', label: 'Got', align: 'right', cell: (item) => count(item.got) },
  { key: 'expected', label: 'Expected', align: 'right', cell: (item) => (item.expected > 0 ? count(item.expected) : <span title="Events come as they happen; there is no number to expect.">–</span>) },
  { key: 'bar', label: 'Share', wideOnly: true, cell: (item) => share(item) !== null && <span class="bar-cell"><Bar value={item} /></span> },
  { key: 'percent', label: '%', align: 'right', cell: (item) => percent(item) },
];

function Counts({ counts, meters }: { counts: HomeCount[]; meters: number }) {
  return (
    <Panel title="Collected" note={`from ${plural(meters, 'meter')}`}>
      <DataTable caption="What was collected" rows={counts} columns={countColumns} rowKey={(item) => item.key}
        empty={<Empty title="Nothing is collected yet">Add meters in the <a href="#/archive">archive</a> and give them a task that is enabled.</Empty>} />
    </Panel>
  );
}

function Errors({ errors }: { errors: HomeError[] }) {
  return (
    <Panel title="Recent errors" actions={<a href="#/events?severity=error">All errors</a>}>
      {errors.length === 0
        ? <Empty title="No errors">Failed readings and lost connections appear here.</Empty>
        : (
          <ul class="list">
            {errors.map((error) => (
              <li key={`${error.time}${error.meterNo}${error.channel}${error.text}`}>
                <span>{error.meterNo === null ? (error.channel ?? 'Concentrator') : <a class="mono" href={meterHref(error.meterNo)}>{error.meterNo}</a>} <Chip tone="bad">{error.reason}</Chip></span>
                <span class="list-side" title={time(error.time)}>{ago(error.time)}</span>
                <span class="list-more">{error.text}</span>
              </li>
            ))}
          </ul>
        )}
    </Panel>
  );
}

function NextRuns({ runs }: { runs: NextRun[] }) {
  return (
    <Panel title="Next readings">
      {runs.length === 0
        ? <Empty title="None planned">No task item is enabled. See <a href="#/settings/task-item">task items</a>.</Empty>
        : (
          <ul class="list">
            {runs.map((run) => (
              <li key={`${run.task}/${run.item}/${run.time}`}>
                <span>{run.item} <span class="quiet">{run.task}</span></span>
                <span class="list-side" title={time(run.time)}>{shortTime(run.time)} · {until(run.time)}</span>
              </li>
            ))}
          </ul>
        )}
    </Panel>
  );
}

function UplinkPanel({ uplink }: { uplink: Uplink }) {
  return (
    <Panel title="Uplink" actions={<UplinkChip uplink={uplink} />}>
      <Facts items={[
        ['Master station', uplink.master === null ? 'none configured' : <span class="mono">{uplink.master}</span>],
        ['Connected since', uplink.connectedSince === null ? 'not connected' : time(uplink.connectedSince)],
        ['Last contact', ago(uplink.lastContact)],
        ['Waiting records', count(uplink.backlog)],
      ]} />
      {uplink.lastError !== null && uplink.state !== 'connected' && <p class="form-error uplink-error">{uplink.lastError}</p>}
    </Panel>
  );
}
