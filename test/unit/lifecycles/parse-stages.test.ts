import { describe, expect, it } from 'vitest';
import {
  parseDescription,
  parseKey,
  parseLabel,
  parseStages,
  type StageRequest,
} from '../../../src/domains/lifecycles/parse-stages.ts';

const stage = (change: Partial<StageRequest> = {}): StageRequest => ({
  key: 'NEW',
  name: 'New',
  synonyms: [],
  phase: 'AWARENESS',
  description: '',
  entry: { all: [] },
  stay: null,
  expectedDuration: null,
  acceptWithin: null,
  goals: [],
  ownerMemberId: null,
  ownerTeamId: null,
  ...change,
});
const keyed = (count: number) => Array.from({ length: count }, (_, i) => stage({ key: `S${i}` }));

describe('stages', () => {
  it('are parsed: keys in upper case, trimmed texts, an absent stay rule as null', () => {
    const [parsed] = parseStages([
      stage({
        key: ' new ',
        name: ' New ',
        description: ' D ',
        synonyms: [' a '],
        stay: undefined,
      }),
    ]);
    expect(parsed).toEqual({
      ...stage({ name: 'New', description: 'D', synonyms: ['a'] }),
      entry: { all: [] },
      stay: null,
    });
  });

  it('may be 50', () => {
    expect(parseStages(keyed(50))).toHaveLength(50);
  });

  it.each<[string, StageRequest[], string]>([
    ['none', [], 'A lifecycle needs at least one stage.'],
    ['51', keyed(51), 'A lifecycle has at most 50 stages.'],
    [
      'the same key twice, in any case',
      [stage(), stage({ key: 'OTHER' }), stage({ key: 'new' })],
      'stages.2.key: NEW is already the key of `stages.0`.',
    ],
    ['an invalid key', [stage({ key: '1ST' })], 'stages.0.key: a key must begin with a letter'],
    ['an empty name', [stage(), stage({ key: 'B', name: ' ' })], 'stages.1.name: must have 1 to'],
    [
      '21 synonyms',
      [stage({ synonyms: Array.from({ length: 21 }, () => 'a') })],
      'stages.0.synonyms: must have at most 20 entries.',
    ],
    ['an empty synonym', [stage({ synonyms: ['a', ''] })], 'stages.0.synonyms.1: must have 1 to'],
    ['an invalid entry rule', [stage({ entry: { nope: 1 } })], 'stages.0.entry'],
    ['an invalid stay rule', [stage({ stay: { any: 1 } })], 'stages.0.stay'],
    ['no entry rule', [stage({ entry: null })], 'stages.0.entry'],
    ['invalid goals', [stage({ goals: [{}] })], 'stages.0.goals.0.metric'],
  ])('are refused with %s', (_case, requests, message) => {
    expect(() => parseStages(requests)).toThrow(message);
  });
});

describe('text parsers', () => {
  it.each([
    ['a', 'A'],
    [' vip_2 ', 'VIP_2'],
    ['x'.repeat(64), 'X'.repeat(64)],
  ])('parse the key %j as %s', (text, key) => {
    expect(parseKey(text, 'key')).toBe(key);
  });

  it.each(['', '_A', '2', 'A-B', 'Ä', 'x'.repeat(65)])('refuse the key %j', (text) => {
    expect(() => parseKey(text, 'key')).toThrow('key: a key must begin with a letter');
  });

  it.each([
    ['labels', parseLabel, 100],
    ['descriptions', parseDescription, 2_000],
  ] as const)('limit the length of %s, after trimming, to %i', (_kind, parse, max) => {
    expect(parse(` ${'x'.repeat(max)} `, 'p')).toHaveLength(max);
    expect(() => parse('x'.repeat(max + 1), 'p')).toThrow('p: must have');
  });

  it.each(['a\0b', '\ud800'])('refuse %j, which PostgreSQL cannot store', (text) => {
    expect(() => parseLabel(text, 'name')).toThrow('name: ');
    expect(() => parseDescription(text, 'description')).toThrow('description: ');
  });
});
