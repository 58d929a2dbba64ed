import type { Blame, Timestamp } from '@gridtally/shared/contract';
import { asApiError } from '@gridtally/shared/data';
import { lineTime, time } from '@gridtally/shared/format';
import { Chip, Empty, Icon, Panel, SelectField, TextField } from '@gridtally/shared/ui';
import { useRef, useState } from 'preact/hooks';
import { api, type MeterDetail, type RegisterReading, type RegisterRequest } from '../api';
import { parseRegister, registerPresets } from '../registers';

interface Attempt {
  id: number;
  label: string;
  register: RegisterRequest;
  outcome: { kind: 'busy' } | { kind: 'read'; reading: RegisterReading } | { kind: 'failed'; title: string; detail: string; blame: Blame | undefined };
}

/** Results kept on the page. */
const mostAttempts = 10;

const blames: Record<Blame, string> = { request: 'the request', headend: 'the head end', concentrator: 'the concentrator', channel: 'the line to the meter', meter: 'the meter' };

/** Reads one attribute of the meter itself, now, through its concentrator. */
export function ReadRegister({ meter }: { meter: MeterDetail }) {
  const [preset, setPreset] = useState('0');
  const [classId, setClassId] = useState('3');
  const [obis, setObis] = useState('1-0:1.8.0.255');
  const [attribute, setAttribute] = useState('2');
  const [errors, setErrors] = useState<{ classId?: string; obis?: string; attribute?: string }>({});
  const [attempts, setAttempts] = useState<Attempt[]>([]);
  const last = useRef(0);
  const obstacle = obstacleOf(meter);
  const busy = attempts.some((attempt) => attempt.outcome.kind === 'busy');

  const choose = (value: string) => {
    setPreset(value);
    const register = registerPresets[Number(value)]?.register;
    if (value === '' || !register) return;
    setErrors({});
    setClassId(String(register.classId));
    setObis(register.obis);
    setAttribute(String(register.attribute));
  };
  const type = (set: (text: string) => void) => (text: string) => {
    set(text);
    setPreset('');
  };
  const settle = (id: number, outcome: Attempt['outcome']) => setAttempts((before) => before.map((one) => (one.id === id ? { ...one, outcome } : one)));

  const submit = async (event: Event) => {
    event.preventDefault();
    const parsed = parseRegister(classId, obis, attribute);
    setErrors(parsed.errors);
    if (!parsed.register) return;
    const { register } = parsed;
    last.current += 1;
    const id = last.current;
    const label = preset === '' ? 'Attribute' : (registerPresets[Number(preset)]?.label ?? 'Attribute');
    setAttempts((before) => [{ id, label, register, outcome: { kind: 'busy' as const } }, ...before].slice(0, mostAttempts));
    try {
      settle(id, { kind: 'read', reading: await api.readRegister(meter.meterNo, register) });
    } catch (failure) {
      const { problem, message } = asApiError(failure);
      settle(id, { kind: 'failed', title: problem.title, detail: message, blame: problem.blame });
    }
  };

  return (
    <Panel title="Read a register now" note="through the concentrator, from the meter itself">
      <form class="register-form" noValidate onSubmit={(event) => void submit(event)}>
        <SelectField label="Register" value={preset} onChange={choose} options={[...registerPresets.map(({ label }, index) => ({ value: String(index), label })), { value: '', label: 'Other …' }]} />
        <TextField label="OBIS code" mono value={obis} onChange={type(setObis)} error={errors.obis} />
        <TextField label="Class" inputMode="numeric" value={classId} onChange={type(setClassId)} error={errors.classId} />
        <TextField label="Attribute" inputMode="numeric" value={attribute} onChange={type(setAttribute)} error={errors.attribute} />
        <button type="submit" class="button primary" disabled={busy || obstacle !== undefined}><Icon name="read" />{busy ? 'Reading …' : 'Read'}</button>
      </form>
      {obstacle && <p class="notice">{obstacle}</p>}
      <div role="log" aria-label="Results" aria-live="polite">
        {attempts.length === 0
          ? !obstacle && <Empty title="Nothing read yet">Choose a register and read it. The concentrator puts the request before its own readings.</Empty>
          : <ul class="list results">{attempts.map((attempt) => <Result key={attempt.id} attempt={attempt} />)}</ul>}
      </div>
    </Panel>
  );
}

/** Why there is no use in asking. */
function obstacleOf(meter: MeterDetail): string | undefined {
  if (meter.concentratorState !== 'online') return `Concentrator ${meter.concentrator} is ${meter.concentratorState}. Registers can be read again once it is connected.`;
  if (!meter.hasKeys) return 'This head end has no keys of the meter, so it cannot read it directly. Add them to the key file of the head end.';
  return undefined;
}

function Result({ attempt: { label, register, outcome } }: { attempt: Attempt }) {
  return (
    <li>
      <span>{label} <span class="mono quiet">{register.obis} · class {register.classId} · attribute {register.attribute}</span></span>
      {outcome.kind === 'busy' && <span class="list-side"><span class="spinner inline" aria-hidden="true" /> asking the meter …</span>}
      {outcome.kind === 'read' && <Reading reading={outcome.reading} />}
      {outcome.kind === 'failed' && (
        <>
          <span class="list-side"><Chip tone="bad">{outcome.blame ? `failed at ${blames[outcome.blame]}` : 'failed'}</Chip></span>
          <span class="list-more"><strong>{outcome.title.replace(/\.$/, '')}.</strong> {outcome.detail}</span>
        </>
      )}
    </li>
  );
}

function Reading({ reading }: { reading: RegisterReading }) {
  const at: Timestamp = reading.time;
  return (
    <>
      <strong class="register-value">{reading.text}</strong>
      <span class="list-more">{reading.dataType}, answered at {time(at)} after {lineTime(reading.durationMs)}</span>
    </>
  );
}
