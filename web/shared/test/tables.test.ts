import { describe, expect, test } from 'vitest';
import { heatLevel, heatSentence, heatText, sum } from '../src/heat';
import { href, parseRoute } from '../src/router';
import { statusFlags } from '../src/status';
import { matches, sorted } from '../src/table';

describe('sorting and searching', () => {
  test('digits in names sort as numbers, missing values last', () => {
    expect(sorted(['485_10', '485_2', null, '485_1'], (text) => text, false)).toEqual(['485_1', '485_2', '485_10', null]);
    expect(sorted([3, null, 1, 2], (value) => value, true)).toEqual([null, 3, 2, 1]);
  });

  test('equal rows keep their order', () => {
    expect(sorted([{ a: 1, b: 'x' }, { a: 1, b: 'y' }], (row) => row.a, true).map((row) => row.b)).toEqual(['x', 'y']);
  });

  test('every word has to occur somewhere', () => {
    expect(matches('NO 485', ['no-answer', '485_1', null])).toBe(true);
    expect(matches('no tcp', ['no-answer', '485_1'])).toBe(false);
  });
});

describe('heat map', () => {
  test('the level says how much is there, and the best one that all is', () => {
    const levels = [[0, 96], [1, 96], [47, 96], [48, 96], [86, 96], [87, 96], [95, 96], [96, 96], [0, 0]].map(([got = 0, expected = 0]) => heatLevel({ got, expected }));
    expect(levels).toEqual([0, 1, 1, 2, 2, 3, 3, 4, null]);
  });

  test('a cell with all rows is empty, any other carries its whole per cent', () => {
    expect([{ got: 96, expected: 96 }, { got: 95, expected: 96 }, { got: 0, expected: 96 }, { got: 0, expected: 0 }].map(heatText)).toEqual(['', '98', '0', '']);
  });

  test('the sentence tells got, expected and missing', () => {
    expect(heatSentence({ got: 95, expected: 96 })).toBe('95 of 96 rows, 98.9 %, 1 missing');
    expect(heatSentence({ got: 96, expected: 96 })).toBe('96 of 96 rows, 100 %');
    expect(heatSentence({ got: 0, expected: 0 })).toBe('no rows due');
  });

  test('cells add up', () => {
    expect(sum([{ got: 1, expected: 2 }, { got: 3, expected: 4 }])).toEqual({ got: 4, expected: 6 });
  });
});

test('status words are told by the names of the manual, 5.2.5', () => {
  expect(statusFlags(0x86).map((flag) => flag.key)).toEqual(['PDN', 'DNV', 'CIV']);
  expect(statusFlags(0x40).map((flag) => flag.key)).toEqual(['bit 6']);
  expect(statusFlags(0)).toEqual([]);
});

describe('addresses of pages', () => {
  test('segments may hold anything', () => {
    expect(href('archive', 'A/1 ü')).toBe('#/archive/A%2F1%20%C3%BC');
    expect(parseRoute('#/archive/A%2F1%20%C3%BC?state=silent')).toMatchObject({ path: ['archive', 'A/1 ü'] });
    expect(parseRoute('#/archive?state=silent').query.get('state')).toBe('silent');
  });

  test('the start page has no path, and a broken escape is taken as it is', () => {
    expect(parseRoute('').path).toEqual([]);
    expect(parseRoute('#/').path).toEqual([]);
    expect(parseRoute('#/archive/%').path).toEqual(['archive', '%']);
  });
});
