import { setTimeout as pause } from 'node:timers/promises';
import type { Database, Sql } from './database.ts';
import type { Log } from './log.ts';
import { connect } from './prepare-database.ts';

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
 * workspace just imported for next to nothing, and joins its customers row by row, which never ends. Only who owns a
 * table may have it analysed: `ownerUrl` is connected to for as long as that takes.
 */
export function keepStatistics(options: { database: Database; ownerUrl: string; log: Log }): {
  stop(): Promise<void>;
} {
  const { database, ownerUrl, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = run();

  async function run() {
    while (!signal.aborted) {
      await takeStock().catch((error: unknown) => {
        log.debug({ err: error }, 'The statistics of the database were not brought up to date');
      });
      await pause(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async function takeStock() {
    const tables = await database.outside(undefined, findStale);
    if (tables.length > 0) await analyze(ownerUrl, tables, signal);
  }

  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}

async function findStale(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(
    `select s.relname as name from pg_stat_user_tables s join pg_class c on c.oid = s.relid
     where s.schemaname = 'public' and ${isStale}`,
  );
  return rows.map(({ name }) => name);
}

async function analyze(url: string, tables: readonly string[], signal: AbortSignal): Promise<void> {
  const client = await connect(url);
  const drop = () => void client.end();
  signal.addEventListener('abort', drop, { once: true });
  try {
    for (const name of tables) {
      // Whoever is at it already does it for us.
      await client.query(`analyze (skip_locked) public.${client.escapeIdentifier(name)}`);
    }
  } finally {
    signal.removeEventListener('abort', drop);
    await client.end();
  }
}
