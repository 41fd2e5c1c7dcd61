import { setTimeout } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import type { ChangeStream } from '../../../engine/changes/hub.ts';
import { readAhead } from './read-ahead.ts';

/** Reads the results of a subscription in order. Has no timer between two reads. */
export interface ResultReader {
  /**
   * The available results; none when nothing arrived within `maxMs`, or before the reader had caught up, and undefined
   * once the source has ended.
   */
  read(
    maxMs?: number,
    options?: { untilCaughtUp: boolean },
  ): Promise<readonly ExecutionResult[] | undefined>;
  /** The cursor up to which all results have been read; undefined when there is nothing to resume from. */
  examined(): string | undefined;
  /** Whether the reader has once read all changes there were. */
  hasCaughtUp(): boolean;
  /** Releases the source; a waiting read ends. */
  stop(): void;
}

/** Executes events; undefined when the attempt must be repeated. */
export type Execute = (events: readonly unknown[]) => Promise<ExecutionResult[] | undefined>;

const batchSize = 64;
export const retryMs = 500;

/** Reads and executes the events of a source for itself, batch by batch. */
export function createResultReader(source: ChangeStream<unknown>, execute: Execute): ResultReader {
  const reader = readAhead(source, batchSize);
  let pending: readonly unknown[] = [];
  let last: string | undefined;
  let hasCaughtUp = false;
  const caughtUp = source.caughtUp.then(() => {
    hasCaughtUp = true;
  });

  async function executePending(maxMs: number): Promise<ExecutionResult[]> {
    const results = await execute(pending);
    if (!results) {
      await setTimeout(Math.min(retryMs, maxMs));
      return [];
    }
    pending = [];
    last = cursorOf(results.at(-1)) ?? last;
    return results;
  }

  return {
    async read(maxMs = Infinity, { untilCaughtUp } = { untilCaughtUp: false }) {
      const deadline = performance.now() + maxMs;
      do {
        if (pending.length === 0) {
          const events = await reader.read(maxMs, untilCaughtUp ? caughtUp : undefined);
          if (!events) return undefined;
          pending = events;
        }
        if (pending.length === 0) return [];
        const results = await executePending(maxMs);
        if (results.length > 0) return results;
      } while (performance.now() < deadline);
      return [];
    },
    // Pending events are older than the position that the source has examined.
    examined: () => (pending.length === 0 ? source.examined() : undefined) ?? last,
    hasCaughtUp: () => hasCaughtUp && pending.length === 0,
    stop() {
      reader.stop();
      // Not awaited, because it may be waiting for the database.
      source.return?.().catch(() => undefined);
    },
  };
}

export function cursorOf(result: ExecutionResult | undefined): string | undefined {
  const cursor = result?.extensions?.['cursor'];
  return typeof cursor === 'string' ? cursor : undefined;
}
