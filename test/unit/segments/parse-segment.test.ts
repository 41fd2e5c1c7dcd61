import { describe, expect, it } from 'vitest';
import { keyFromName, parseTags, uniqueKey } from '../../../src/domains/segments/parse-segment.ts';

describe('the key of a segment', () => {
  it.each([
    ['Buyers in May', 'BUYERS_IN_MAY'],
    ['Käufer im Mai!', 'KAUFER_IM_MAI'],
    ['  VIP -- gold  ', 'VIP_GOLD'],
    ['2026 buyers', 'SEGMENT_2026_BUYERS'],
    ['日本', 'SEGMENT_'.slice(0, -1)],
    [`${'a'.repeat(63)} b`, 'A'.repeat(63)],
    ['b'.repeat(100), 'B'.repeat(64)],
  ])('is derived from the name %j as %s', (name, key) => {
    expect(keyFromName(name)).toBe(key);
  });

  it.each([
    ['is the key itself if it is free', 'VIP', ['OTHER'], 'VIP'],
    ['has the number 2 if the key is taken', 'VIP', ['VIP'], 'VIP_2'],
    ['has the first free number', 'VIP', ['VIP', 'VIP_2', 'VIP_4'], 'VIP_3'],
    ['stays within 64 characters', 'A'.repeat(64), ['A'.repeat(64)], `${'A'.repeat(62)}_2`],
  ])('%s', (_case, key, taken, expected) => {
    expect(uniqueKey(key, new Set(taken))).toBe(expected);
  });
});

describe('tags', () => {
  it('are trimmed, and duplicates are removed', () => {
    expect(parseTags([' gold ', 'gold', 'Gold'])).toEqual(['gold', 'Gold']);
  });

  it.each([
    ['an empty tag, by its path', ['gold', ' '], 'tags.1: must have 1 to 100 characters.'],
    ['a tag of 101 characters', ['x'.repeat(101)], 'tags.0: must have 1 to 100 characters.'],
    ['text that PostgreSQL cannot store', ['a\0b'], 'tags.0: must have 1 to 100 characters.'],
    ['21 tags', Array.from({ length: 21 }, (_, i) => `t${i}`), 'must have at most 20 entries.'],
  ])('are refused with %s', (_case, tags, message) => {
    expect(() => parseTags(tags)).toThrow(message);
  });

  it('may be 20', () => {
    expect(parseTags(Array.from({ length: 20 }, (_, i) => `t${i}`))).toHaveLength(20);
  });
});
