import type { MeterState } from '@gridtally/shared/contract';
import { useData, useInterval } from '@gridtally/shared/data';
import { ago, share, time } from '@gridtally/shared/format';

import { navigate } from '@gridtally/shared/router';
import { Chip, type Column, Confirm, DataTable, Empty, Icon, isInState, MeterStateChip, PageHead, Panel, Ratio, Show, stateOptions, toast } from '@gridtally/shared/ui';
import { useState } from 'preact/hooks';
import { type Archive, api, type Meter } from '../api';
import { meterHref } from '../places';
import { MeterForm } from './MeterForm';

/** How often states and counts are loaded again while the page is open. */
const refreshMs = 10_000;

type Open = { kind: 'add' } | { kind: 'edit' | 'remove'; meter: Meter } | undefined;

/** The meter archive of the SX5D1 (figure 8). */
export function ArchivePage({ state, mayChange }: { state: string; mayChange: boolean }) {
  const archive = useData(() => api.archive(), []);
  const [open, setOpen] = useState<Open>();
  useInterval(archive.reload, refreshMs);
  const close = () => setOpen(undefined);
  const saved = (text: string) => {
    close();
    toast('ok', text);
    archive.reload();
  };

  return (
    <>
      <PageHead title="Archive" actions={mayChange && (
        <button type="button" class="button primary" disabled={!archive.data} onClick={() => setOpen({ kind: 'add' })}><Icon name="add" />Add meter</button>
      )} />
      <Panel title="Meters">
        <Show of={archive} what="the archive">
          {(data) => <Meters archive={data} state={state} mayChange={mayChange} onOpen={setOpen} />}
        </Show>
      </Panel>
      {archive.data && open?.kind === 'add' && <MeterForm archive={archive.data} onClose={close} onSaved={(meter) => saved(`Meter ${meter.meterNo} was added.`)} />}
      {archive.data && open?.kind === 'edit' && <MeterForm archive={archive.data} meter={open.meter} onClose={close} onSaved={(meter) => saved(`Meter ${meter.meterNo} was changed.`)} />}
      {open?.kind === 'remove' && <RemoveMeter meterNo={open.meter.meterNo} onClose={close} onRemoved={() => saved(`Meter ${open.meter.meterNo} was deleted from the archive.`)} />}
    </>
  );
}

export function RemoveMeter({ meterNo, onClose, onRemoved }: { meterNo: string; onClose: () => void; onRemoved: () => void }) {
  return (
    <Confirm title={`Delete meter ${meterNo}?`} action="Delete meter" onClose={onClose} onConfirm={async () => { await api.removeMeter(meterNo); onRemoved(); }}>
      <p>The concentrator stops reading it, and its keys are erased. Data already collected stays stored.</p>
      <p>To pause the meter, disable it instead: its keys are kept.</p>
    </Confirm>
  );
}

function Meters({ archive, state, mayChange, onOpen }: { archive: Archive; state: string; mayChange: boolean; onOpen: (open: Open) => void }) {
  const [channel, setChannel] = useState('');
  const [task, setTask] = useState('');
  const setState = (value: string) => navigate(value === '' ? '#/archive' : `#/archive?state=${value}`);
  return (
    <DataTable
      caption="Meters of the archive" rows={archive.meters} rowKey={(meter) => meter.meterNo} initialSort={{ key: 'meterNo', descending: false }}
      searchLabel="Search meter, address, error" searchIn={(meter) => [meter.meterNo, meter.address, meter.channel, meter.task, meter.lastError?.text]}
      filters={[
        { label: 'State', value: state, onChange: setState, test: (meter, value) => isInState(meter.state, value), options: stateOptions },
        { label: 'Channel', value: channel, onChange: setChannel, test: (meter, value) => meter.channel === value, options: archive.channels.map(({ name }) => ({ value: name, label: name })) },
        { label: 'Task', value: task, onChange: setTask, test: (meter, value) => meter.task === value, options: archive.tasks.map(({ name }) => ({ value: name, label: name })) },
      ]}
      columns={columns(mayChange, onOpen)}
      empty={<Empty title="The archive is empty">{mayChange ? 'Add the first meter with its number, channel, address and keys.' : 'An administrator can add meters here.'}</Empty>}
    />
  );
}

const stateOrder: MeterState[] = ['unreachable', 'unknown', 'reachable', 'disabled'];

function columns(mayChange: boolean, onOpen: (open: Open) => void): Column<Meter>[] {
  return [
    { key: 'meterNo', label: 'MeterNo', mono: true, sort: (meter) => meter.meterNo, cell: (meter) => <a href={meterHref(meter.meterNo)}>{meter.meterNo}</a> },
    { key: 'state', label: 'State', sort: (meter) => stateOrder.indexOf(meter.state), cell: (meter) => <MeterStateChip state={meter.state} /> },
    { key: 'today', label: 'Today', align: 'right', sort: (meter) => share(meter.today), cell: (meter) => <Ratio value={meter.today} /> },
    { key: 'channel', label: 'Channel', wideOnly: true, sort: (meter) => meter.channel, cell: (meter) => meter.channel },
    { key: 'address', label: 'Address', wideOnly: true, mono: true, sort: (meter) => meter.address, cell: (meter) => meter.address },
    { key: 'task', label: 'Task', wideOnly: true, sort: (meter) => meter.task, cell: (meter) => meter.task },
    { key: 'phase', label: 'Phase', wideOnly: true, sort: (meter) => meter.phase, cell: (meter) => meter.phase },
    { key: 'keys', label: 'Keys', wideOnly: true, sort: (meter) => meter.hasKeys, cell: (meter) => (meter.hasKeys ? '***' : <span class="quiet">none</span>) },
    { key: 'contact', label: 'Last contact', wideOnly: true, sort: (meter) => meter.lastContact, cell: (meter) => <span title={time(meter.lastContact)}>{ago(meter.lastContact)}</span> },
    { key: 'error', label: 'Last error', wideOnly: true, sort: (meter) => meter.lastError?.time, cell: (meter) => meter.lastError && <Chip tone={meter.state === 'unreachable' ? 'bad' : 'idle'} title={`${time(meter.lastError.time)}: ${meter.lastError.text}`}>{meter.lastError.reason}</Chip> },
    ...(mayChange ? [{
      key: 'actions', label: '', align: 'right' as const,
      cell: (meter: Meter) => (
        <span class="row-actions">
          <button type="button" class="button" aria-label={`Edit meter ${meter.meterNo}`} title="Edit" onClick={() => onOpen({ kind: 'edit', meter })}><Icon name="edit" /></button>
          <button type="button" class="button" aria-label={`Delete meter ${meter.meterNo}`} title="Delete" onClick={() => onOpen({ kind: 'remove', meter })}><Icon name="remove" /></button>
        </span>
      ),
    }] : []),
  ];
}
