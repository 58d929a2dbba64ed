import { describe, expect, test } from 'vitest';
import type { ChannelChoice, SettingRow } from '../src/api';
import { checkDraft, draftOf, inputOf } from '../src/meterInput';
import { changesOf, edit } from '../src/settingEdits';

const bus: ChannelChoice = { name: '485_1', enabled: true, addressing: 'hdlc' };
const tcp: ChannelChoice = { name: 'tcp', enabled: true, addressing: 'host-port' };
const draft = { ...draftOf(undefined, '485_1', 'three_phase'), meterNo: '0051920070', address: '17' };

describe('the meter form', () => {
  test('a meter on a bus needs nothing more than number and HDLC address', () => {
    expect(checkDraft(draft, bus)).toEqual({});
    expect(inputOf(draft)).toMatchObject({ meterNo: '0051920070', address: '17', mac: -1, phase: 3, prepaid: 255, keys: null });
  });

  test('meter numbers are 1 to 16 letters and digits', () => {
    for (const meterNo of ['', ' ', '12345678901234567', '12-3', 'ü']) expect(checkDraft({ ...draft, meterNo }, bus).meterNo).toBeDefined();
  });

  test('the address is that of the channel', () => {
    for (const address of ['', '15', '16382', 'x', '10.0.0.1:4059']) expect(checkDraft({ ...draft, address }, bus).address).toContain('16 to 16381');
    for (const address of ['17', '10.0.0.1', '10.0.0.1:0', '10.0.0.1:70000', 'a b:4059']) expect(checkDraft({ ...draft, address }, tcp).address).toContain('host and port');
    expect(checkDraft({ ...draft, address: '[::1]:4059' }, tcp)).toEqual({});
  });

  test('keys are 32 hex digits, given both or none, and blanks between them are allowed', () => {
    expect(checkDraft({ ...draft, encryptionKey: '00112233' }, bus)).toMatchObject({ encryptionKey: expect.stringContaining('8 characters') as string });
    expect(checkDraft({ ...draft, encryptionKey: '0'.repeat(32) }, bus)).toEqual({ authenticationKey: 'Both keys are changed together.' });
    const both = { ...draft, encryptionKey: '00112233 44556677 8899aabb ccddeeff', authenticationKey: 'F'.repeat(32) };
    expect(checkDraft(both, bus)).toEqual({});
    expect(inputOf(both).keys).toEqual({ encryptionKey: '00112233445566778899AABBCCDDEEFF', authenticationKey: 'F'.repeat(32), password: null });
  });
});

describe('changes of a settings table', () => {
  const row: SettingRow = { id: 7, values: { cron: '0 */4 * * *', priority: 2, note: null } };

  test('only what differs from what is stored is sent', () => {
    const edits = edit(edit({}, row, 'cron', '*/30 * * * *'), row, 'priority', 3);
    expect(changesOf(edits)).toEqual([{ id: 7, values: { cron: '*/30 * * * *', priority: 3 } }]);
    expect(changesOf(edit(edit(edits, row, 'cron', '0 */4 * * *'), row, 'priority', 2))).toEqual([]);
  });

  test('an empty text is no change of a missing value', () => {
    expect(edit({}, row, 'note', '')).toEqual({});
  });
});
