import { availableParallelism } from 'node:os';
import type { Price } from '../../../schema/kernel/cost.ts';
import { RateLimited } from '../../platform/errors.ts';
import { createFairGate, type FairGate } from '../../platform/fair-gate.ts';
import type { WaitForGap } from './ingest-gap.ts';

/** An operation that goes through more rows than this is heavy: few of those run at a time. */
const maxLightRows = 50_000;
const maxHeavyWaiting = 20;
const maxHeavyWaitMs = 4_000;
/** An answer of more values than these is large: to make it holds the event loop up for some time. */
const maxSmallAnswer = 1_000;
const maxLargeWaiting = 1_000;
const maxLargeWaitMs = 7_000;
/** How long a large answer lets ingestion go first. */
const maxYieldMs = 60;

type Lane = Pick<FairGate, 'run'>;

const noLane: Lane = { run: (_key, work) => work() };

/** Where an operation waits for its turn: by what it goes through, and by how much it answers with. */
export function createLanes(waitForGap: WaitForGap): (price: Price) => Lane {
  const heavyLane = createFairGate({
    // One core stays free for everything else.
    slots: Math.max(1, availableParallelism() - 1),
    slotsPerKey: 1,
    maxWaitingPerKey: maxHeavyWaiting,
    maxWaitMs: maxHeavyWaitMs,
    refuse: () =>
      new RateLimited('Other large queries of this workspace are still running.', 2_000),
  });
  const largeAnswers = createFairGate({
    slots: 2,
    slotsPerKey: 1,
    maxWaitingPerKey: maxLargeWaiting,
    maxWaitMs: maxLargeWaitMs,
  });

  const betweenIngests: Lane = {
    run: (key, work, signal) =>
      largeAnswers.run(key, () => waitForGap(maxYieldMs).then(work), signal),
  };

  return ({ rows, complexity, scanned }) => {
    if (rows > maxLightRows) return heavyLane;
    return complexity - scanned > maxSmallAnswer ? betweenIngests : noLane;
  };
}
