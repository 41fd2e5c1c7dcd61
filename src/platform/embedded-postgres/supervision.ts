import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { Child } from './child.ts';

interface Supervision {
  log: Log;
  /** Starts the same server again, and gives up when the signal aborts. */
  start: (signal: AbortSignal) => Promise<Child>;
}

const longestPause = 5_000;

/** Starts PostgreSQL again whenever it dies, until the returned function has stopped it. */
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
  const asked = aborted(signal);
  let child: Child | undefined = first;
  while (child) {
    await Promise.race([child.exited, asked]);
    if (signal.aborted) return child.stop();
    log.error('PostgreSQL ended without being asked to; starting it again');
    child = await startAgain({ log, start, signal });
    if (child) log.warn('PostgreSQL is back');
  }
}

/** Undefined when asked to stop meanwhile. */
async function startAgain({ log, start, signal }: Supervision & { signal: AbortSignal }) {
  for (let pause = 100; !signal.aborted; pause = Math.min(pause * 2, longestPause)) {
    try {
      return await start(signal);
    } catch (error) {
      log.debug({ err: error }, 'PostgreSQL did not start');
      await wait(pause, undefined, { signal }).catch(() => undefined);
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
