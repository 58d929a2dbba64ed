import { useData, useInterval } from '@gridtally/shared/data';
import { ago, count, share, time } from '@gridtally/shared/format';
import { Chip, type Column, DataTable, Empty, PageHead, Panel, Ratio, Show } from '@gridtally/shared/ui';
import { useState } from 'preact/hooks';
import { api, type Concentrator } from '../api';
import { concentratorHref } from '../places';
import { ConcentratorChip } from './ConcentratorState';

const refreshMs = 5_000;

const columns: Column<Concentrator>[] = [
  { key: 'serial', label: 'Serial', mono: true, sort: (one) => one.serial, cell: (one) => <a href={concentratorHref(one.serial)}>{one.serial}</a> },
  { key: 'name', label: 'Name', wideOnly: true, sort: (one) => one.name, cell: (one) => one.name },
  { key: 'state', label: 'State', sort: (one) => one.state, cell: (one) => <ConcentratorChip state={one.state} /> },
  { key: 'today', label: 'Today', align: 'right', sort: (one) => share(one.today), cell: (one) => <Ratio value={one.today} /> },
  { key: 'lag', label: 'Records behind', align: 'right', sort: (one) => one.lag, cell: (one) => <Lag value={one.lag} /> },
  { key: 'meters', label: 'Meters', align: 'right', sort: (one) => one.meters, cell: (one) => count(one.meters) },
  { key: 'remote', label: 'Dialled from', wideOnly: true, mono: true, sort: (one) => one.remote, cell: (one) => one.remote ?? <span class="quiet">never</span> },
  { key: 'since', label: 'Connected since', wideOnly: true, sort: (one) => one.connectedSince, cell: (one) => (one.connectedSince === null ? <span class="quiet">not connected</span> : time(one.connectedSince)) },
  { key: 'contact', label: 'Last contact', sort: (one) => one.lastContact, cell: (one) => <span title={time(one.lastContact)}>{ago(one.lastContact)}</span> },
  { key: 'software', label: 'Software', wideOnly: true, sort: (one) => one.software, cell: (one) => one.software ?? <span class="quiet">unknown</span> },
];

/** All concentrators that ever dialled in, and how far their journals are fetched. */
export function ConcentratorsPage() {
  const list = useData(() => api.concentrators(), []);
  const [state, setState] = useState('');
  useInterval(list.reload, refreshMs);
  return (
    <>
      <PageHead title="Concentrators" />
      <Panel title="Concentrators">
        <Show of={list} what="the concentrators">
          {({ concentrators }) => (
            <DataTable caption="Concentrators" rows={concentrators} columns={columns} rowKey={(one) => one.serial} initialSort={{ key: 'serial', descending: false }}
              searchLabel="Search serial, name, address" searchIn={(one) => [one.serial, one.name, one.remote, one.software]}
              filters={[{
                label: 'State', value: state, onChange: setState, test: (one, value) => one.state === value,
                options: [{ value: 'online', label: 'online' }, { value: 'offline', label: 'offline' }, { value: 'refused', label: 'refused' }],
              }]}
              empty={<Empty title="No concentrator has dialled in yet">Give a concentrator this head end's address (channel attribute <span class="mono">ip.1</span> and <span class="mono">port.1</span>) and its keys; it appears here once it connects.</Empty>} />
          )}
        </Show>
      </Panel>
    </>
  );
}

export function Lag({ value }: { value: number }) {
  return value === 0 ? <span class="quiet">0</span> : <Chip tone={value > 1000 ? 'warn' : 'info'}>{count(value)}</Chip>;
}
