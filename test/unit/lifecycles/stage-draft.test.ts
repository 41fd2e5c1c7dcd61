import { expect, it } from 'vitest';
import {
  type StageDraft,
  serializeRules,
} from '../../../src/domains/lifecycles/definition/stage-draft.ts';
import type { Filter } from '../../../src/engine/conditions/filter.ts';

const draft = (change: Partial<StageDraft> = {}): StageDraft => ({
  key: 'NEW',
  name: 'New',
  synonyms: [],
  phase: 'AWARENESS',
  description: '',
  entry: { all: [{ not: { any: [] } }, { stage: { in: ['A'], lifecycle: 'L' } }] },
  stay: null,
  expectedDuration: null,
  acceptWithin: null,
  goals: [],
  ownerMemberId: null,
  ownerTeamId: null,
  ...change,
});
const reordered: Filter = {
  all: [{ not: { any: [] } }, { stage: { lifecycle: 'L', in: ['A'] } }],
};

it.each<[string, Partial<StageDraft>]>([
  ['the order of object keys', { entry: reordered }],
  ['names and texts', { name: 'Other', description: 'Other', synonyms: ['x'] }],
  ['the phase', { phase: 'LOYALTY' }],
  ['goals', { goals: [{ metric: 'm', comparison: 'atLeast', value: 1, unit: null }] }],
  ['durations', { expectedDuration: 'P1D', acceptWithin: 'P1D' }],
  ['owners', { ownerTeamId: 't1' }],
])('does not change the rules by %s', (_case, change) => {
  expect(serializeRules([draft(change)])).toBe(serializeRules([draft()]));
});

it.each<[string, StageDraft[]]>([
  ['another key', [draft({ key: 'OTHER' })]],
  ['another entry rule', [draft({ entry: { all: [] } })]],
  ['a stay rule', [draft({ stay: reordered })]],
  ['another stage', [draft(), draft({ key: 'B' })]],
])('changes the rules by %s', (_case, drafts) => {
  expect(serializeRules(drafts)).not.toBe(serializeRules([draft()]));
});

it('changes the rules by the order of stages and of listed conditions', () => {
  const [a, b] = [draft({ key: 'A' }), draft({ key: 'B' })];
  const any = (...filters: Filter[]) => [draft({ entry: { any: filters } })];
  expect(serializeRules([a, b])).not.toBe(serializeRules([b, a]));
  expect(serializeRules(any({ all: [] }, reordered))).not.toBe(
    serializeRules(any(reordered, { all: [] })),
  );
});
