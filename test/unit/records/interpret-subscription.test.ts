import { expect, it } from 'vitest';
import { interpretLead } from '../../../src/domains/records/leads/lead-kind.ts';
import { interpretSubscription } from '../../../src/domains/records/subscriptions/interpret-subscription.ts';
import type { Report } from '../../../src/engine/records/record-kind.ts';

type Said = [effect: string, day: number, properties?: object];

const recordOf = (said: readonly Said[]) => ({
  ...{ key: 's', isNew: true, currency: 'EUR' },
  reports: said.map(
    ([effect, day, properties = {}], index): Report => ({
      ...{ eventId: `e${index}`, customerId: 'ada', part: null, trust: 'SERVER', effect },
      ...{ at: new Date(Date.UTC(2025, 0, day)), properties: { ...properties } },
    }),
  ),
});

const interpret = (said: readonly Said[]) => {
  const { meanings, state } = interpretSubscription(
    recordOf(said.map(([effect, ...rest]) => [`subscription_${effect}`, ...rest])),
  );
  return { counts: meanings.map(({ counts }) => (counts ? '+' : '-')).join(''), state };
};

it.each<[string, Said[], string]>([
  [
    'a start on the terms on which it runs',
    [
      ['started', 1],
      ['started', 2],
    ],
    '+-',
  ],
  [
    'the earlier of two starts counts',
    [
      ['started', 2],
      ['started', 1],
    ],
    '-+',
  ],
  [
    'a renewal at the same time',
    [
      ['started', 1],
      ['renewed', 3],
      ['renewed', 3],
    ],
    '++-',
  ],
  [
    'a second cancellation',
    [
      ['started', 1],
      ['cancelled', 2],
      ['cancelled', 3],
    ],
    '++-',
  ],
  [
    'a start after a renewal on the same terms',
    [
      ['started', 1],
      ['renewed', 3],
      ['started', 4],
    ],
    '++-',
  ],
])('a repeat is %s', (_what, said, expected) => {
  expect(interpret(said).counts).toBe(expected);
});

it.each<[string, Said[]]>([
  [
    'a later renewal',
    [
      ['started', 1],
      ['renewed', 3],
      ['renewed', 4],
    ],
  ],
  [
    'a start on other terms',
    [
      ['started', 1, { plan: 'a' }],
      ['started', 2, { plan: 'b' }],
    ],
  ],
  [
    'a start after a cancellation',
    [
      ['started', 1],
      ['cancelled', 2],
      ['started', 3],
    ],
  ],
  [
    'a cancellation after another start',
    [
      ['cancelled', 1],
      ['started', 2],
      ['cancelled', 3],
    ],
  ],
])('no repeat is %s', (_what, said) => {
  expect(interpret(said).counts).not.toContain('-');
});

it('is described by the reports that count', () => {
  const { state } = interpret([
    ['started', 1, { plan: 'a' }],
    ['renewed', 5],
    ['started', 9, { plan: 'b' }],
    ['started', 10, { plan: 'b' }],
  ]);

  expect(state).toMatchObject({
    ...{ id: 's', status: 'ACTIVE', plan: 'b', renewals: 1, cancelledAt: null },
    startedAt: new Date(Date.UTC(2025, 0, 1)),
  });
});

it('counts a lead at its earliest report', () => {
  const { meanings } = interpretLead(
    recordOf([
      ['lead', 3],
      ['lead', 2],
      ['lead', 4],
    ]),
  );

  expect(meanings.map(({ counts }) => counts)).toEqual([false, true, false]);
});
