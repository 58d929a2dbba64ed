import { describe, expect, test } from 'vitest';
import { normalObis, parseRegister, registerPresets } from '../src/registers';

describe('OBIS codes', () => {
  test('the last group may be left out', () => {
    expect(normalObis(' 1-0:1.8.0 ')).toBe('1-0:1.8.0.255');
    expect(normalObis('1-0:1.8.0*255')).toBe('1-0:1.8.0.255');
    expect(normalObis('01-00:001.8.0.0')).toBe('1-0:1.8.0.0');
  });

  test('what is none is not taken', () => {
    for (const text of ['', '1.8.0', '1-0:1.8', '1-0:1.8.256', '1-0:1.8.0.255.1', 'a-0:1.8.0']) expect(normalObis(text)).toBeUndefined();
  });
});

describe('the register form', () => {
  test('says of each field what is wrong', () => {
    const { register, errors } = parseRegister('0', '1.8.0', '128');
    expect(register).toBeUndefined();
    expect(Object.keys(errors).sort()).toEqual(['attribute', 'classId', 'obis']);
  });

  test('every preset is a register it would take', () => {
    for (const { register } of registerPresets) {
      expect(parseRegister(String(register.classId), register.obis, String(register.attribute)).register).toEqual(register);
    }
  });
});
