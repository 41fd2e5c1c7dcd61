import { expect, it } from 'vitest';
import { initialPlacements } from '../../../src/engine/evaluation/evaluate-build.ts';
import { placement } from '../../support/rule-sets.ts';

const entry = { all: [] };
const definition = {
  subjectId: 'l',
  buildId: 'b',
  stages: ['A', 'B'].map((key) => ({ key, entry, stay: null })),
};

it.each([
  ['its stage, if the new definition has it', { l: 'A' }, { l: 'A', b: 'A' }],
  ['no stage, if the new definition lacks it', { l: 'Z' }, { l: 'Z' }],
  ['no stage, if the customer has none', {}, {}],
  [
    'its stage, regardless of the stored placement of the build',
    { l: 'B', b: 'A' },
    { l: 'B', b: 'B' },
  ],
  ['no stage, despite the stored placement of the build', { b: 'A' }, {}],
])('starts a customer from %s', (_case, present: Record<string, string>, initial) => {
  const placements = new Map(Object.entries(present).map(([id, key]) => [id, placement(key)]));
  const result = initialPlacements(definition, placements);

  expect(Object.fromEntries([...result].map(([id, { stageKey }]) => [id, stageKey]))).toEqual(
    initial,
  );
  expect(placements.size).toBe(Object.keys(present).length);
});
