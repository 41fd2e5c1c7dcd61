import { availableParallelism } from 'node:os';
import type { Price } from '../../../schema/kernel/cost.ts';
import { RateLimited } from '../../platform/errors.ts';
import { createFairGate, type FairGate } from '../../platform/fair-gate.ts';
import type { WaitForGap } from './ingest-gap.ts';

/** An operation that reads more rows is a large query: few of those run at a time. */
const maxSmallQueryRows = 50_000;
const maxLargeQueriesWaiting = 20;
const maxLargeQueryWaitMs = 4_000;
/** A response with more values is large: building it blocks the event loop for some time. */
const maxSmallResponse = 1_000;
const maxLargeResponsesWaiting = 1_000;
const maxLargeResponseWaitMs = 7_000;
/** How long a large response yields to ingestion. */
const maxYieldMs = 60;

type Lane = Pick<FairGate, 'run'>;

const noLane: Lane = { run: (_key, work) => work() };

/** Chooses where an operation waits, by the rows it reads and the size of its response. */
export function createLanes(waitForGap: WaitForGap): (price: Price) => Lane {
  const largeQueries = createFairGate({
    // One core stays free for other work.
    slots: Math.max(1, availableParallelism() - 1),
    slotsPerKey: 1,
    maxWaitingPerKey: maxLargeQueriesWaiting,
    maxWaitMs: maxLargeQueryWaitMs,
    refuse: () => new RateLimited('Too many large queries of this workspace are running.', 2_000),
  });
  const largeResponses = createFairGate({
    slots: 2,
    slotsPerKey: 1,
    maxWaitingPerKey: maxLargeResponsesWaiting,
    maxWaitMs: maxLargeResponseWaitMs,
  });

  const betweenIngests: Lane = {
    run: (key, work, signal) =>
      largeResponses.run(key, () => waitForGap(maxYieldMs).then(work), signal),
  };

  return ({ rows, complexity, scanned }) => {
    if (rows > maxSmallQueryRows) return largeQueries;
    return complexity - scanned > maxSmallResponse ? betweenIngests : noLane;
  };
}
