import { asApiError, useData, useInterval, useTick } from '@gridtally/shared/data';
import { ago, count, percent, time } from '@gridtally/shared/format';
import { navigate } from '@gridtally/shared/router';
import { Chip, Facts, Icon, MeterStateChip, PageHead, Panel, ProfileView, Show, Stat, toast, toneOf } from '@gridtally/shared/ui';
import { useState } from 'preact/hooks';
import { api, type MeterDetail } from '../api';
import { RemoveMeter } from './Archive';
import { Communications } from './Communications';
import { MeterForm } from './MeterForm';

/** How often the meter's state and history are loaded again while the page is open. */
const refreshMs = 5_000;

/** Exchanges shown at first, and after “show more” (the most that the server gives). */
const shownFirst = 15;
const shownAtMost = 500;

/** One meter: what it is, how it is doing, its load curve and the history of the exchanges with it. */
export function MeterPage({ meterNo, mayChange }: { meterNo: string; mayChange: boolean }) {
  const meter = useData(() => api.meter(meterNo), [meterNo]);
  const [shown, setShown] = useState(shownFirst);
  const history = useData(() => api.communications(meterNo, shown), [meterNo, shown]);
  const [open, setOpen] = useState<'edit' | 'remove'>();
  const reload = () => {
    meter.reload();
    history.reload();
  };
  useInterval(reload, refreshMs);

  return (
    <>
      <PageHead title={<>Meter <span class="mono">{meterNo}</span></>} back={{ href: '#/archive', label: '← Archive' }}
        beside={meter.data && <MeterStateChip state={meter.data.state} />}
        actions={mayChange && meter.data && <Actions meter={meter.data} onOpen={setOpen} onRead={reload} />} />
      <Show of={meter} what={`meter ${meterNo}`}>
        {(detail) => (
          <>
            <KeyFigures meter={detail} />
            <ProfileView profiles={detail.profiles}
              load={(profile, from, to, signal) => api.profileRows(meterNo, profile, from, to, signal)} />
            <Identity meter={detail} />
            <Communications history={history} limit={shown} onMore={() => setShown(shownAtMost)} />
          </>
        )}
      </Show>
      {open === 'edit' && meter.data && <EditMeter meter={meter.data} onClose={() => setOpen(undefined)} onSaved={reload} />}
      {open === 'remove' && <RemoveMeter meterNo={meterNo} onClose={() => setOpen(undefined)} onRemoved={() => { toast('ok', `Meter ${meterNo} was deleted from the archive.`); navigate('#/archive'); }} />}
    </>
  );
}

function Actions({ meter, onOpen, onRead }: { meter: MeterDetail; onOpen: (open: 'edit' | 'remove') => void; onRead: () => void }) {
  const [busy, setBusy] = useState(false);
  const read = async () => {
    setBusy(true);
    try {
      const { items } = await api.readMeter(meter.meterNo);
      toast('ok', `Queued before all scheduled readings: ${items.join(', ')}.`);
      onRead();
    } catch (error) {
      toast('bad', asApiError(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" class="button primary" disabled={busy || !meter.enabled} title={meter.enabled ? 'Read now what is missing in the store' : 'Enable the meter first'} onClick={() => void read()}><Icon name="read" />Read gaps now</button>
      <button type="button" class="button" onClick={() => onOpen('edit')}><Icon name="edit" />Edit</button>
      <button type="button" class="button" onClick={() => onOpen('remove')}><Icon name="remove" />Delete</button>
    </>
  );
}

/** The form needs the names of channels and tasks, which come with the archive. */
function EditMeter({ meter, onClose, onSaved }: { meter: MeterDetail; onClose: () => void; onSaved: () => void }) {
  const archive = useData(() => api.archive(), []);
  if (!archive.data) return null;
  const saved = () => {
    toast('ok', `Meter ${meter.meterNo} was changed.`);
    onClose();
    onSaved();
  };
  return <MeterForm archive={archive.data} meter={meter} onClose={onClose} onSaved={saved} />;
}

function KeyFigures({ meter }: { meter: MeterDetail }) {
  useTick(1000);
  const rows = (value: MeterDetail['today']) => (value.expected === 0 ? 'no rows due' : `${count(value.got)} of ${count(value.expected)} rows`);
  const failing = meter.state === 'unreachable' && meter.lastError !== null;
  return (
    <>
      <div class="stats">
        <Stat label="Load profile today" value={percent(meter.today)} tone={toneOf(meter.today)} detail={rows(meter.today)} />
        <Stat label="Load profile yesterday" value={percent(meter.yesterday)} tone={toneOf(meter.yesterday)} detail={rows(meter.yesterday)} />
        <Stat label="Last contact" value={ago(meter.lastContact)} tone={meter.state === 'reachable' ? 'ok' : meter.state === 'unreachable' ? 'bad' : 'idle'} detail={time(meter.lastContact)} />
        <Stat label="Last error" value={meter.lastError ? meter.lastError.reason : 'none'} tone={failing ? 'bad' : 'idle'} detail={meter.lastError ? ago(meter.lastError.time) : 'since it was added'} />
      </div>
      {failing && <p class="form-error">{meter.lastError?.text}</p>}
    </>
  );
}

function Identity({ meter }: { meter: MeterDetail }) {
  return (
    <Panel title="Identity and reading">
      <Facts items={[
        ['Logical device name', meter.logicalDeviceName === null ? <span class="quiet">not read yet</span> : <span class="mono">{meter.logicalDeviceName}</span>],
        ['Channel', meter.channel],
        ['Address', <span class="mono">{meter.address || 'none'}</span>],
        ['Task', meter.task],
        ['Next reading', meter.nextRuns[0] ? `${meter.nextRuns[0].item}, ${time(meter.nextRuns[0].time)}` : <span class="quiet">none planned</span>],
        ['Phase', meter.phase],
        ['Meter type', meter.meterType],
        ['Wiring', meter.wiring],
        ['Credit / prepaid', `${meter.credit} / ${meter.prepaid}`],
        ['MAC', meter.mac],
        ['Keys', meter.hasKeys ? <Chip tone="ok">stored</Chip> : <Chip tone="warn">none</Chip>],
        ['Status', meter.enabled ? 'Enable' : 'Disable'],
      ]} />
    </Panel>
  );
}
