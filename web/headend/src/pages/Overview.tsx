import { ageMs, deviceRate } from '@gridtally/shared/clock';
import { useData, useTick } from '@gridtally/shared/data';
import { addDays } from '@gridtally/shared/days';
import { ago, bytes, count, duration, percent, plural, share, time } from '@gridtally/shared/format';
import { heatLevel, heatSentence, sum } from '@gridtally/shared/heat';
import type { Live } from '@gridtally/shared/stream';
import { Chip, Empty, Facts, PageHead, Panel, Show, Stat, today, toneOf } from '@gridtally/shared/ui';
import { api, type CompletenessMatrix, type Overview, type OverviewError } from '../api';
import { concentratorHref, meterHref } from '../places';

/** Days in the chart of the last days. */
const shownDays = 14;

/** How the whole district is doing at a glance. */
export function OverviewPage({ live }: { live: Live<Overview> }) {
  useTick(1000);
  return (
    <>
      <PageHead title="Overview" beside={live.data && <span class="quiet">running since {time(live.data.system.startedAt)}</span>} />
      <Show of={live} what="the overview">
        {(overview) => (
          <>
            <KeyFigures overview={overview} />
            <div class="columns">
              <div class="stack">
                <LastDays />
                <Errors errors={overview.errors} />
              </div>
              <div class="stack">
                <Panel title="Store">
                  <Facts items={[
                    ['Rows stored', count(overview.ingest.rows)],
                    ['Last row stored', ago(overview.ingest.lastStored)],
                    ['Journal records behind', count(overview.ingest.lag)],
                    ['Database', bytes(overview.storage.databaseBytes)],
                    ['Free on disk', bytes(overview.storage.freeBytes)],
                    ['Memory in use', bytes(overview.memory.residentBytes)],
                  ]} />
                </Panel>
                <Panel title="Head end">
                  <Facts items={[
                    ['Listening for concentrators on', <span class="mono">{overview.system.listening.join(', ') || 'no address'}</span>],
                    ['Running for', duration(ageMs(overview.system.startedAt))],
                    ['Days begin in', overview.system.timeZone],
                    ['Speed of time', deviceRate() === 1 ? 'real time' : `${deviceRate()} × real time`],
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

function KeyFigures({ overview: { concentrators, meters, completeness } }: { overview: Overview }) {
  const offline = concentrators.total - concentrators.online;
  const silent = meters.enabled - meters.reachable;
  const rows = (value: Overview['completeness']['today']) => (value.expected === 0 ? 'no rows due' : `${count(value.got)} of ${count(value.expected)} rows`);
  return (
    <div class="stats">
      <Stat label="Concentrators online" href="#/concentrators" tone={concentrators.total === 0 ? 'idle' : offline > 0 ? 'bad' : 'ok'}
        value={<>{count(concentrators.online)}<span class="quiet"> / {count(concentrators.total)}</span></>}
        detail={concentrators.total === 0 ? 'none has dialled in yet' : offline > 0 ? `${count(offline)} offline` : 'all connected'} />
      <Stat label="Meters reachable" href={silent > 0 ? '#/meters?state=silent' : '#/meters'} tone={meters.total === 0 ? 'idle' : silent > 0 ? 'warn' : 'ok'}
        value={<>{count(meters.reachable)}<span class="quiet"> / {count(meters.enabled)}</span></>}
        detail={silent > 0 ? `${plural(silent, 'meter')} not reachable` : `${plural(meters.total, 'meter')} known`} />
      <Stat label="Complete today" href="#/completeness" value={percent(completeness.today)} tone={toneOf(completeness.today)} detail={rows(completeness.today)} />
      <Stat label="Complete yesterday" href="#/completeness" value={percent(completeness.yesterday)} tone={toneOf(completeness.yesterday)} detail={rows(completeness.yesterday)} />
    </div>
  );
}

function LastDays() {
  const last = today();
  const matrix = useData(() => api.completeness(addDays(last, 1 - shownDays), last), [last]);
  return (
    <Panel title={`Completeness of the last ${shownDays} days`} actions={<a href="#/completeness">By meter</a>}>
      <Show of={matrix} what="the completeness">{(data) => data.rows.length === 0
        ? <Empty title="No meters yet">Days appear here once a concentrator has delivered its meter archive.</Empty>
        : <DayBars matrix={data} />}</Show>
    </Panel>
  );
}

function DayBars({ matrix }: { matrix: CompletenessMatrix }) {
  return (
    <ul class="day-bars">
      {matrix.days.map((day, index) => {
        const total = sum(matrix.rows.map((row) => row.cells[index] ?? { got: 0, expected: 0 }));
        const part = share(total);
        return (
          <li key={day} title={`${day}: ${heatSentence(total)}`}>
            <span aria-hidden="true">{part === null ? '–' : Math.floor(part * 100)}</span>
            <span class="day-column" data-level={heatLevel(total)} aria-hidden="true"><span style={{ height: `${(part ?? 0) * 100}%` }} /></span>
            <span aria-hidden="true">{day.slice(8)}</span>
            <span class="hidden">{day}: {heatSentence(total)}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Errors({ errors }: { errors: OverviewError[] }) {
  return (
    <Panel title="Recent errors" actions={<a href="#/events?severity=error">All errors</a>}>
      {errors.length === 0
        ? <Empty title="No errors">Lost concentrators and failed readings appear here.</Empty>
        : (
          <ul class="list">
            {errors.map((error) => (
              <li key={`${error.time}${error.concentrator}${error.meterNo}${error.text}`}>
                <span>
                  {error.meterNo !== null && <a class="mono" href={meterHref(error.meterNo)}>{error.meterNo}</a>}
                  {error.meterNo === null && (error.concentrator === null ? 'Head end' : <a class="mono" href={concentratorHref(error.concentrator)}>{error.concentrator}</a>)}
                  {' '}<Chip tone="bad">{error.reason}</Chip>
                </span>
                <span class="list-side" title={time(error.time)}>{ago(error.time)}</span>
                <span class="list-more">{error.text}</span>
              </li>
            ))}
          </ul>
        )}
    </Panel>
  );
}
