import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from './log.ts';
import { isStorageUnavailable } from './storage-errors.ts';

/** Work that is polled for. */
export interface Round<Item> {
  find(): Promise<Item[]>;
  /** Returns whether there is more work. */
  run(item: Item): Promise<boolean>;
  /** The log message of a failure. */
  failure: string;
}

/** Runs each item of a round. Returns whether some have more work. */
export type RunRound = (signal: AbortSignal) => Promise<boolean>;

/** Runs the other items even if one fails. */
export function createRound<Item>({ find, run, failure }: Round<Item>, log: Log): RunRound {
  // Logged once per outage, not once per attempt.
  let hasFailed = false;

  async function runItem(item: Item): Promise<boolean> {
    const isBusy = await run(item);
    hasFailed = false;
    return isBusy;
  }

  const logFailure = (signal: AbortSignal) => (error: unknown) => {
    if (signal.aborted || hasFailed) return false;
    hasFailed = true;
    log[isStorageUnavailable(error) ? 'warn' : 'error']({ err: error }, failure);
    return false;
  };

  return async (signal) => {
    const items = await find().catch((error: unknown) => {
      logFailure(signal)(error);
      return [];
    });
    let isBusy = false;
    for (const item of items) {
      if (signal.aborted) return false;
      if (await runItem(item).catch(logFailure(signal))) isBusy = true;
    }
    return isBusy;
  };
}

const intervalMs = 200;

/** Runs rounds one after the other: again immediately while there is more work, else every 200 ms. */
export function startRounds(rounds: readonly RunRound[]): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function runAll() {
    let isBusy = false;
    for (const round of rounds) if (await round(signal)) isBusy = true;
    return isBusy;
  }

  async function run() {
    while (!signal.aborted) {
      if (await runAll()) continue;
      await pause(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    /** Resolves when the running round has ended. */
    stop() {
      stopping.abort();
      return running;
    },
  };
}
