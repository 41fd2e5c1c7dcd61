import { expect, it } from 'vitest';
import { hasDependants } from '../../../src/engine/builds/finish-build.ts';
import type { Filter } from '../../../src/engine/conditions/filter.ts';

const definition = (subjectId: string, entry: Filter, stay: Filter | null = null) => ({
  subjectId,
  stages: [{ key: 'ANY', entry, stay }],
});
const ordered: Filter = { fact: { orderCount: { atLeast: 1 } } };
const member: Filter = { segment: { in: ['s1'] } };

it.each([
  ['no other definition', [], false],
  ['a definition without the clause', [definition('l1', ordered)], false],
  ['the clause in an entry condition', [definition('l1', member)], true],
  ['the clause in a stay condition', [definition('l1', ordered, member)], true],
  ['the clause inside other conditions', [definition('l1', { all: [{ not: member }] })], true],
  ['the clause in its own definition alone', [definition('s1', member)], false],
] as const)('finds dependants of a segment given %s: %s', (_what, definitions, expected) => {
  expect(hasDependants(definitions, 's1', 'segment')).toBe(expected);
});

it('looks for the clause of its own kind only', () => {
  expect(hasDependants([definition('l1', member)], 'l2', 'stage')).toBe(false);
});
