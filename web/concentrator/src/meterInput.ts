import type { ChannelChoice, Meter, MeterInput } from './api';

/** The meter form as it is typed: every field a text, so that a wrong one can be shown as it was written. */
export interface MeterDraft {
  meterNo: string;
  enabled: boolean;
  mac: string;
  channel: string;
  meterType: string;
  phase: string;
  credit: string;
  task: string;
  prepaid: string;
  wiring: string;
  address: string;
  encryptionKey: string;
  authenticationKey: string;
  password: string;
}

export type DraftErrors = Partial<Record<keyof MeterDraft, string>>;

/** A new meter, or one that exists; keys are never shown and empty keeps them. */
export function draftOf(meter: Meter | undefined, channel: string, task: string): MeterDraft {
  return {
    meterNo: meter?.meterNo ?? '',
    enabled: meter?.enabled ?? true,
    mac: String(meter?.mac ?? -1),
    channel: meter?.channel ?? channel,
    meterType: String(meter?.meterType ?? 1),
    phase: String(meter?.phase ?? 3),
    credit: String(meter?.credit ?? 1),
    task: meter?.task ?? task,
    prepaid: String(meter?.prepaid ?? 255),
    wiring: String(meter?.wiring ?? 0),
    address: meter?.address ?? '',
    encryptionKey: '',
    authenticationKey: '',
    password: '',
  };
}

/** Messages for what the server would refuse; it checks again. */
export function checkDraft(draft: MeterDraft, channel: ChannelChoice | undefined): DraftErrors {
  const errors: DraftErrors = {};
  if (!/^[0-9A-Za-z]{1,16}$/.test(draft.meterNo.trim())) errors.meterNo = 'Give 1 to 16 letters or digits, as printed on the meter.';
  if (!channel) errors.channel = 'Choose a channel.';
  if (draft.task === '') errors.task = 'Choose a task; empty_task reads nothing.';
  const address = addressError(draft.address.trim(), channel?.addressing);
  if (address) errors.address = address;
  for (const name of ['mac', 'meterType', 'credit', 'prepaid', 'wiring'] as const) {
    if (!/^-?\d{1,9}$/.test(draft[name].trim())) errors[name] = 'Give a whole number.';
  }
  for (const name of ['encryptionKey', 'authenticationKey'] as const) {
    const digits = draft[name].replaceAll(/\s/g, '');
    if (digits !== '' && !/^[0-9A-Fa-f]{32}$/.test(digits)) errors[name] = `Give 32 hex digits (16 bytes); these are ${digits.length} characters.`;
  }
  if ((draft.encryptionKey.trim() === '') !== (draft.authenticationKey.trim() === '')) {
    errors[draft.encryptionKey.trim() === '' ? 'encryptionKey' : 'authenticationKey'] ??= 'Both keys are changed together.';
  }
  return errors;
}

export function inputOf(draft: MeterDraft): MeterInput {
  const key = (text: string) => text.replaceAll(/\s/g, '').toUpperCase() || null;
  const keys = { encryptionKey: key(draft.encryptionKey), authenticationKey: key(draft.authenticationKey), password: draft.password || null };
  return {
    meterNo: draft.meterNo.trim(),
    enabled: draft.enabled,
    mac: Number(draft.mac),
    channel: draft.channel,
    meterType: Number(draft.meterType),
    phase: Number(draft.phase),
    credit: Number(draft.credit),
    task: draft.task,
    prepaid: Number(draft.prepaid),
    wiring: Number(draft.wiring),
    address: draft.address.trim(),
    keys: Object.values(keys).some((value) => value !== null) ? keys : null,
  };
}

function addressError(address: string, addressing: ChannelChoice['addressing'] | undefined): string | undefined {
  switch (addressing) {
    case 'hdlc': {
      const number = /^\d{1,5}$/.test(address) ? Number(address) : 0;
      return number >= 16 && number <= 16381 ? undefined : 'Give the HDLC physical address, a number from 16 to 16381.';
    }
    case 'host-port': {
      const port = Number(/^\S+:(\d{1,5})$/.exec(address)?.[1] ?? 0);
      return port >= 1 && port <= 65535 ? undefined : 'Give host and port, such as 192.168.1.20:4059.';
    }
    default: return undefined;
  }
}
