import type { RegisterRequest } from './api';

/** Registers that are asked for most, by their names in the DTSD545 manual. */
export const registerPresets: { label: string; register: RegisterRequest }[] = [
  preset('Active energy import (+A)', 3, '1-0:1.8.0.255'),
  preset('Active energy export (−A)', 3, '1-0:2.8.0.255'),
  preset('Active power import', 3, '1-0:1.7.0.255'),
  preset('Voltage L1', 3, '1-0:32.7.0.255'),
  preset('Voltage L2', 3, '1-0:52.7.0.255'),
  preset('Voltage L3', 3, '1-0:72.7.0.255'),
  preset('Current L1', 3, '1-0:31.7.0.255'),
  preset('Frequency', 3, '1-0:14.7.0.255'),
  preset('Clock', 8, '0-0:1.0.0.255'),
  preset('Disconnect control: output state', 70, '0-0:96.3.10.255'),
  preset('Meter serial number', 1, '0-0:96.1.0.255'),
];

function preset(label: string, classId: number, obis: string) {
  return { label, register: { classId, obis, attribute: 2 } };
}

/** What a user typed into the form, or why it is no register. */
export function parseRegister(classId: string, obis: string, attribute: string): { register?: RegisterRequest; errors: { classId?: string; obis?: string; attribute?: string } } {
  const errors: { classId?: string; obis?: string; attribute?: string } = {};
  const normal = normalObis(obis);
  if (!normal) errors.obis = 'Give an OBIS code such as 1-0:1.8.0.255; each group is 0 to 255.';
  if (!isBetween(classId, 1, 65535)) errors.classId = 'Give a class id from 1 to 65535 (3 is Register).';
  if (!isBetween(attribute, 1, 127)) errors.attribute = 'Give an attribute from 1 to 127 (2 is the value).';
  return !normal || Object.keys(errors).length > 0 ? { errors } : { register: { classId: Number(classId), obis: normal, attribute: Number(attribute) }, errors };
}

/** `1-0:1.8.0` → `1-0:1.8.0.255`; undefined when it is no OBIS code. */
export function normalObis(text: string): string | undefined {
  const match = /^(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:[.*](\d{1,3}))?$/.exec(text.trim());
  if (!match) return undefined;
  const groups = match.slice(1).map((group) => Number(group ?? 255));
  if (groups.some((group) => group > 255)) return undefined;
  const [a, b, c, d, e, f] = groups;
  return `${a}-${b}:${c}.${d}.${e}.${f}`;
}

function isBetween(text: string, low: number, high: number): boolean {
  return /^\d{1,5}$/.test(text.trim()) && Number(text) >= low && Number(text) <= high;
}
