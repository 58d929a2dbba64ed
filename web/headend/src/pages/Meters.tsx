import { useData, useInterval } from '@gridtally/shared/data';
import { navigate } from '@gridtally/shared/router';
import { DataTable, Empty, isInState, PageHead, Panel, Show, stateOptions } from '@gridtally/shared/ui';
import { useState } from 'preact/hooks';
import { api } from '../api';
import { meterColumns, searchMeter } from '../meterColumns';

const refreshMs = 10_000;

/** All meters of all concentrators. */
export function MetersPage({ state }: { state: string }) {
  const list = useData(() => api.meters(), []);
  const [concentrator, setConcentrator] = useState('');
  useInterval(list.reload, refreshMs);
  return (
    <>
      <PageHead title="Meters" />
      <Panel title="Meters">
        <Show of={list} what="the meters">
          {({ meters }) => (
            <DataTable caption="Meters" rows={meters} columns={meterColumns(true)} rowKey={(meter) => meter.meterNo} initialSort={{ key: 'meterNo', descending: false }}
              searchLabel="Search meter, channel, error" searchIn={searchMeter}
              filters={[
                {
                  label: 'State', value: state, onChange: (value) => navigate(value === '' ? '#/meters' : `#/meters?state=${value}`), test: (meter, value) => isInState(meter.state, value), options: stateOptions,
                },
                {
                  label: 'Concentrator', value: concentrator, onChange: setConcentrator, test: (meter, value) => meter.concentrator === value,
                  options: [...new Set(meters.map((meter) => meter.concentrator))].map((serial) => ({ value: serial, label: serial })),
                },
              ]}
              empty={<Empty title="No meters known">They appear once a concentrator has connected and its archive was read. See <a href="#/concentrators">concentrators</a>.</Empty>} />
          )}
        </Show>
      </Panel>
    </>
  );
}
