import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from './database.ts';
import type { Log } from './log.ts';

const intervalMs = 2_000;

/**
 * What has grown by half, at once; what has changed by less, such as by the first customers of one workspace among
 * others, after half a minute.
 */
const isStale = `s.n_mod_since_analyze > 1000 + case
  when coalesce(greatest(s.last_analyze, s.last_autoanalyze), '-infinity') < now() - interval '30 seconds'
    then 10 * sqrt(greatest(c.reltuples, 0))
  else 0.5 * greatest(c.reltuples, 0) end`;

/**
 * Keeps the planner's idea of how much there is true. PostgreSQL itself looks once a minute: until then it takes a
 * workspace just imported for next to nothing, and joins its customers row by row, which never ends.
 */
export function keepStatistics({ database, log }: { database: Database; log: Log }): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = run();

  async function run() {
    while (!signal.aborted) {
      await takeStock(database).catch((error: unknown) => {
        log.debug({ err: error }, 'The statistics of the database were not brought up to date');
      });
      await pause(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}

/** Brings the statistics of tables that have grown much up to date, one transaction each. */
export async function takeStock(database: Database): Promise<void> {
  const { rows } = await database.outside(undefined, (sql) =>
    sql.query<{ name: string }>(
      `select s.relname as name from pg_stat_user_tables s join pg_class c on c.oid = s.relid
       where s.schemaname = 'public' and ${isStale}`,
    ),
  );
  for (const { name } of rows) {
    await database.outside(undefined, (sql) => sql.query('select take_stock($1)', [name]));
  }
}
