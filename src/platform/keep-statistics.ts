import { setTimeout as pause } from 'node:timers/promises';
import type { Database, Sql } from './database.ts';
import type { Log } from './log.ts';
import { connect } from './prepare-database.ts';

const intervalMs = 2_000;

/** Rows written since a table was analysed, by its name. */
type Changed = ReadonlyMap<string, number>;

/** Fewer rows than these between two looks are no load. To analyse what is being written halves the rate of writing. */
const calm = 500;

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
  let before: Changed = new Map();
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
    const changed = await database.outside(undefined, findChanged);
    const due = [...changed].filter(([name, rows]) => rows - (before.get(name) ?? 0) < calm);
    before = changed;
    if (due.length > 0) await analyze(ownerUrl, { tables: due.map(([name]) => name), signal });
  }

  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}

/** Of tables with many rows that the planner does not know of, such as the first of one workspace among others. */
async function findChanged(sql: Sql): Promise<Changed> {
  const { rows } = await sql.query<{ name: string; rows: number }>(
    `select s.relname as name, s.n_mod_since_analyze::float8 as rows
     from pg_stat_user_tables s join pg_class c on c.oid = s.relid
     where s.schemaname = 'public'
       and s.n_mod_since_analyze > 1000 + 10 * sqrt(greatest(c.reltuples, 0))`,
  );
  return new Map(rows.map(({ name, rows: changed }) => [name, changed]));
}

async function analyze(
  url: string,
  { tables, signal }: { tables: readonly string[]; signal: AbortSignal },
): Promise<void> {
  const client = await connect(url);
  const drop = () => void client.end();
  signal.addEventListener('abort', drop, { once: true });
  try {
    for (const name of tables) {
      signal.throwIfAborted();
      // Whoever is at it already does it for us.
      await client.query(`analyze (skip_locked) public.${client.escapeIdentifier(name)}`);
    }
  } finally {
    signal.removeEventListener('abort', drop);
    await client.end();
  }
}
