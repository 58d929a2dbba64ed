import { useData, useInterval, useTick } from '@gridtally/shared/data';
import { ago, count, percent, time } from '@gridtally/shared/format';
import { DataTable, Empty, Facts, PageHead, Panel, Show, Stat, toneOf } from '@gridtally/shared/ui';
import { api, type ConcentratorDetail } from '../api';
import { meterColumns, searchMeter } from '../meterColumns';
import { ConcentratorChip } from './ConcentratorState';

const refreshMs = 5_000;

/** One concentrator: connection, journal, and the meters behind it. */
export function ConcentratorPage({ serial }: { serial: string }) {
  const concentrator = useData(() => api.concentrator(serial), [serial]);
  useInterval(concentrator.reload, refreshMs);
  useTick(1000);
  return (
    <>
      <PageHead title={<>Concentrator <span class="mono">{serial}</span></>} back={{ href: '#/concentrators', label: '← Concentrators' }}
        beside={concentrator.data && <ConcentratorChip state={concentrator.data.state} />} />
      <Show of={concentrator} what={`concentrator ${serial}`}>
        {(one) => (
          <>
            <KeyFigures concentrator={one} />
            {one.lastError !== null && one.state !== 'online' && <p class="form-error">{ago(one.lastError.time)}: {one.lastError.text}</p>}
            <Panel title="Connection">
              <Facts items={[
                ['Name', one.name],
                ['Logical device name', one.logicalDeviceName === null ? <span class="quiet">not read yet</span> : <span class="mono">{one.logicalDeviceName}</span>],
                ['Dialled from', <span class="mono">{one.remote ?? 'never'}</span>],
                ['Connected since', one.connectedSince === null ? 'not connected' : time(one.connectedSince)],
                ['Software', one.software ?? 'unknown'],
                ['Journal', `${count(one.cursor)} of ${count(one.journalEnd)} fetched`],
              ]} />
            </Panel>
            <Panel title="Meters">
              <DataTable caption={`Meters of concentrator ${serial}`} rows={one.meterList} columns={meterColumns(false)} rowKey={(meter) => meter.meterNo}
                initialSort={{ key: 'meterNo', descending: false }} searchIn={searchMeter} searchLabel="Search meter, channel, error"
                empty={<Empty title="No meters known">The archive of the concentrator is read when it connects; add meters on the concentrator.</Empty>} />
            </Panel>
          </>
        )}
      </Show>
    </>
  );
}

function KeyFigures({ concentrator: one }: { concentrator: ConcentratorDetail }) {
  const rows = (value: ConcentratorDetail['today']) => (value.expected === 0 ? 'no rows due' : `${count(value.got)} of ${count(value.expected)} rows`);
  return (
    <div class="stats">
      <Stat label="Complete today" value={percent(one.today)} tone={toneOf(one.today)} detail={rows(one.today)} />
      <Stat label="Complete yesterday" value={percent(one.yesterday)} tone={toneOf(one.yesterday)} detail={rows(one.yesterday)} />
      <Stat label="Records behind" value={count(one.lag)} tone={one.lag === 0 ? 'ok' : 'info'} detail={`cursor ${count(one.cursor)} of ${count(one.journalEnd)}`} />
      <Stat label="Last contact" value={ago(one.lastContact)} tone={one.state === 'online' ? 'ok' : 'bad'} detail={time(one.lastContact)} />
    </div>
  );
}
