import { expect, it } from 'vitest';
import { type ConsentDecision, decisionsInForce } from '../../../src/engine/customers/consents.ts';
import { separateConsents } from '../../../src/engine/customers/reserved-traits.ts';

const decision = (
  channel: string | null,
  [time, arrival]: [time: string, arrival: string],
  change: Partial<ConsentDecision> = {},
): ConsentDecision => ({
  ...{ purpose: 'news', channel, state: 'GRANTED', source: 'identify', eventId: 'e' },
  ...{ customerId: 'c', at: new Date(`2026-01-01T${time}Z`), arrival },
  ...change,
});

it.each<[string, ConsentDecision[], Array<string | null>]>([
  ['both', [decision(null, ['10:00', '1']), decision('email', ['11:00', '2'])], [null, 'email']],
  ['the later one', [decision(null, ['11:00', '1']), decision('email', ['10:00', '2'])], [null]],
  [
    'at equal times the one that arrived later',
    [decision(null, ['10:00', '10']), decision('email', ['10:00', '9'])],
    [null],
  ],
  [
    'neither, if all channels were taken back later',
    [decision(null, ['11:00', '2'], { state: 'UNKNOWN' }), decision('email', ['10:00', '1'])],
    [],
  ],
  [
    'that of another purpose',
    [decision(null, ['11:00', '2'], { purpose: 'ads' }), decision('email', ['10:00', '1'])],
    [null, 'email'],
  ],
])(
  'keeps %s of a decision about all channels and one about a single channel',
  (_which, latest, kept) => {
    expect(decisionsInForce(latest).map(({ channel }) => channel)).toEqual(kept);
  },
);

it('separates the consents of a call from its traits', () => {
  const given = {
    plan: 'pro',
    'tag:vip': true,
    'consent:a': true,
    'consent:b': false,
    'consent:c': 1,
  };

  const { traits, consents } = separateConsents(given);

  expect(traits).toEqual({ plan: 'pro', 'tag:vip': true });
  expect(consents.map(({ purpose, state }) => [purpose, state])).toEqual([
    ['a', 'GRANTED'],
    ['b', 'DENIED'],
    ['c', 'UNKNOWN'],
  ]);
});
