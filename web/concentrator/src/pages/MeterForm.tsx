import { asApiError } from '@gridtally/shared/data';
import type { ApiError } from '@gridtally/shared/http';
import { CheckField, Dialog, SelectField, TextField } from '@gridtally/shared/ui';
import { useRef, useState } from 'preact/hooks';
import { type Archive, api, type Meter } from '../api';
import { checkDraft, draftOf, type DraftErrors, inputOf, type MeterDraft } from '../meterInput';

/** Adds a meter, or changes one. */
export function MeterForm({ archive, meter, onClose, onSaved }: { archive: Archive; meter?: Meter; onClose: () => void; onSaved: (meter: Meter) => void }) {
  const [draft, setDraft] = useState(() => draftOf(meter, archive.channels.find((one) => one.enabled)?.name ?? '', firstTask(archive)));
  const [errors, setErrors] = useState<DraftErrors>({});
  const [refused, setRefused] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const channel = archive.channels.find((one) => one.name === draft.channel);

  const change = <K extends keyof MeterDraft>(name: K) => (value: MeterDraft[K]) => {
    setDraft((before) => ({ ...before, [name]: value }));
    setErrors((before) => ({ ...before, [name]: undefined }));
  };
  const fail = (found: DraftErrors, message?: string) => {
    setErrors(found);
    setRefused(message);
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const found = checkDraft(draft, channel);
    if (Object.keys(found).length > 0) return fail(found);
    setBusy(true);
    try {
      onSaved(meter ? await api.changeMeter(inputOf(draft)) : await api.addMeter(inputOf(draft)));
    } catch (failure) {
      const error = asApiError(failure);
      fail(fieldErrors(error), error.message);
      setBusy(false);
    }
  };

  return (
    <Dialog title={meter ? `Edit meter ${meter.meterNo}` : 'Add meter'} onClose={onClose}>
      <form ref={form} class="form" noValidate onSubmit={(event) => void submit(event)}>
        <TextField label="MeterNo" mono required disabled={meter !== undefined} maxLength={16} value={draft.meterNo} onChange={change('meterNo')} error={errors.meterNo} />
        <div class="field"><span class="field-gap" /><CheckField label="Enable: read this meter" checked={draft.enabled} onChange={change('enabled')} /></div>
        <SelectField label="Channel" required value={draft.channel} onChange={change('channel')} error={errors.channel}
          options={choices(archive.channels, draft.channel)} />
        <TextField label="Address" mono required={channel?.addressing !== 'none'} value={draft.address} onChange={change('address')} error={errors.address}
          hint={channel?.addressing === 'hdlc' ? 'HDLC physical address on the bus' : channel?.addressing === 'host-port' ? 'host:port' : 'Not used on this channel'} />
        <SelectField label="Task" required value={draft.task} onChange={change('task')} error={errors.task} options={choices(archive.tasks, draft.task)} />
        <SelectField label="Phase" value={draft.phase} onChange={change('phase')} options={[{ value: '1', label: '1 (single-phase)' }, { value: '3', label: '3 (three-phase)' }]} />
        <fieldset>
          <legend>Keys of the reading client</legend>
          <TextField label="Encryption key" mono secret value={draft.encryptionKey} onChange={change('encryptionKey')} error={errors.encryptionKey} hint={keyHint(meter)} autocomplete="new-password" />
          <TextField label="Authentication key" mono secret value={draft.authenticationKey} onChange={change('authenticationKey')} error={errors.authenticationKey} hint={keyHint(meter)} autocomplete="new-password" />
          <TextField label="Password" mono secret value={draft.password} onChange={change('password')} error={errors.password} hint="Only for meters with low-level security" autocomplete="new-password" />
        </fieldset>
        <fieldset class="dense">
          <legend>Other columns of the archive</legend>
          <TextField label="MAC" inputMode="numeric" value={draft.mac} onChange={change('mac')} error={errors.mac} hint="-1: not on a PLC network" />
          <TextField label="Meter type" inputMode="numeric" value={draft.meterType} onChange={change('meterType')} error={errors.meterType} />
          <TextField label="Credit" inputMode="numeric" value={draft.credit} onChange={change('credit')} error={errors.credit} />
          <TextField label="Prepaid" inputMode="numeric" value={draft.prepaid} onChange={change('prepaid')} error={errors.prepaid} hint="255: no prepayment" />
          <TextField label="Wiring" inputMode="numeric" value={draft.wiring} onChange={change('wiring')} error={errors.wiring} />
        </fieldset>
        {refused && <p class="form-error wide-row" role="alert">{refused}</p>}
        <div class="dialog-actions wide-row">
          <button type="button" class="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="button primary" disabled={busy}>{meter ? 'Save' : 'Add meter'}</button>
        </div>
      </form>
    </Dialog>
  );
}

function keyHint(meter: Meter | undefined): string {
  return meter?.hasKeys ? '32 hex digits; empty keeps the stored one' : '32 hex digits';
}

function firstTask(archive: Archive): string {
  return (archive.tasks.find((task) => task.enabled) ?? archive.tasks[0])?.name ?? '';
}

/** Names to choose from; one that is no longer there stays visible as it is. */
function choices(known: { name: string; enabled: boolean }[], present: string): { value: string; label: string }[] {
  const options = known.map(({ name, enabled }) => ({ value: name, label: enabled ? name : `${name} (disabled)` }));
  return known.some(({ name }) => name === present) ? options : [{ value: present, label: present || 'choose …' }, ...options];
}

function fieldErrors(error: ApiError): DraftErrors {
  const entries = Object.entries(error.problem.errors ?? {}).map(([name, messages]) => [name.replace(/^keys\./, ''), messages.join(' ')]);
  return Object.fromEntries(entries) as DraftErrors;
}
