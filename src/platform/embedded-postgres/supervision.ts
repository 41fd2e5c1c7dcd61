import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { Child } from './child.ts';

interface Supervision {
  log: Log;
  /** Restarts the same server; gives up when the signal aborts. */
  start: (signal: AbortSignal) => Promise<Child>;
}

const maxPauseMs = 5_000;

/** Restarts PostgreSQL whenever it ends. The returned function stops it for good. */
export function keepRunning(first: Child, supervision: Supervision): () => Promise<void> {
  const stopping = new AbortController();
  const ended = supervise(first, { ...supervision, signal: stopping.signal });
  return async () => {
    stopping.abort();
    await ended;
  };
}

async function supervise(
  first: Child,
  { log, start, signal }: Supervision & { signal: AbortSignal },
) {
  const stopRequested = aborted(signal);
  let child: Child | undefined = first;
  while (child) {
    await Promise.race([child.exited, stopRequested]);
    if (signal.aborted) return child.stop();
    log.error('PostgreSQL ended unexpectedly; restarting it');
    child = await restart({ log, start, signal });
    if (child) log.warn('PostgreSQL restarted');
  }
}

/** Retries with back-off; undefined when the signal aborts first. */
async function restart({ log, start, signal }: Supervision & { signal: AbortSignal }) {
  for (let pauseMs = 100; !signal.aborted; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    try {
      return await start(signal);
    } catch (error) {
      log.debug({ err: error }, 'Restarting PostgreSQL failed; retrying');
      await wait(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
