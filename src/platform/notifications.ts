import type pg from 'pg';
import type { Database } from './database.ts';
import type { Log } from './log.ts';

/** Listens on channels over a dedicated connection, which is reopened when it is lost. */
export function listen(
  database: Database,
  log: Log,
  handlers: Readonly<Record<string, (payload: string) => void>>,
): { stop(): Promise<void> } {
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;
  // Logged once per outage, not once per attempt.
  let isLost = false;

  async function connect() {
    const fresh = database.listener();
    client = fresh;
    fresh.on('notification', ({ channel, payload }) => handlers[channel]?.(payload ?? ''));
    fresh.on('error', () => lost(fresh));
    fresh.on('end', () => lost(fresh));
    try {
      await fresh.connect();
      for (const channel of Object.keys(handlers)) await fresh.query(`listen ${channel}`);
      isLost = false;
    } catch {
      lost(fresh);
    }
  }

  /** Nothing is missed meanwhile: polling finds the same within a second. */
  function lost(which: pg.Client) {
    if (stopped || which !== client) return;
    client = undefined;
    if (!isLost) log.warn('Notification connection lost; reconnecting');
    isLost = true;
    which.end().catch(() => undefined);
    retry = setTimeout(() => void connect(), 500);
  }

  void connect();
  return {
    async stop() {
      stopped = true;
      clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}
