import type { Filter } from '../../src/conditions/filter.ts';
import type { Call } from './reference-facts.ts';

/** A case that failed once, as it was found: what happened and what was asked. */
interface KeptWorld {
  timeZone: string;
  history: Call[];
  segments: Record<string, Filter>;
  asked: Filter[];
  picks: number[];
}

const kept = (history: Call[], ...asked: Filter[]): KeptWorld => ({
  timeZone: 'UTC',
  history,
  segments: { LAPSED: { any: [] }, REGULAR: { all: [] } },
  asked,
  picks: [0, 1, 2, 3, 4, 5, 6, 7],
});

const aliased = (messageId: string, userId: string, timestamp: string): Call => ({
  type: 'alias',
  userId,
  previousId: 'a2',
  timestamp,
  messageId,
});

/** Asked before anything that is made up, whatever it is made of. */
export const keptWorlds: KeptWorld[] = [
  // A late event tells a name as of an earlier time than the one that told it first.
  kept(
    [
      {
        anonymousId: 'a2',
        type: 'track',
        event: 'Viewed',
        timestamp: '2024-01-29T00:00:00.001Z',
        messageId: 'm0',
      },
      {
        userId: 'u1',
        anonymousId: 'a2',
        type: 'identify',
        traits: {},
        timestamp: '2024-01-29T00:00:00.000Z',
        messageId: 'm1',
      },
    ],
    { identity: { kind: 'anonymous_id' } },
    { fact: { identified: true } },
  ),
  // A name that led to somebody else when it was told does not become older by a merge.
  kept(
    [
      aliased('m0', 'u1', '2025-03-07T00:00:00.001Z'),
      {
        userId: 'u2',
        anonymousId: 'a2',
        type: 'page',
        timestamp: '2025-03-07T00:00:00.000Z',
        messageId: 'm1',
      },
      aliased('m2', 'u2', '2025-03-07T13:45:00.000Z'),
    ],
    { not: { identity: { kind: 'anonymous_id' } } },
  ),
  // Whoever did nothing has no last time, and is found by just that.
  kept(
    [{ userId: 'u1', type: 'page', timestamp: '2024-02-28T00:00:00.000Z', messageId: 'm0' }],
    { did: { event: ['Viewed'], measure: { last: { exists: false } } } },
    {
      did: { event: ['Viewed'], window: { within: 'P1D' }, measure: { first: { exists: false } } },
    },
  ),
  // RFC 3339 has no hour 24.
  kept(
    [
      {
        userId: 'u1',
        type: 'identify',
        traits: { renews: '2024-11-03T24:00:00Z' },
        timestamp: '2024-10-04T00:00:00.000Z',
        messageId: 'm0',
      },
    ],
    { trait: { name: 'renews', is: { date: { withinNext: 'P1D' } } } },
  ),
];
