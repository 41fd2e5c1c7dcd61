import { setTimeout as pause } from 'node:timers/promises';
import type { Database, Statements } from './database.ts';
import type { Log } from './log.ts';
import { connect } from './prepare-database.ts';
import { sql } from './sql.ts';

const intervalMs = 2_000;

/** Rows modified since the last analyze, by table name. */
type ModifiedRows = ReadonlyMap<string, number>;

/** A table with more writes per interval is still being loaded: analyzing it now would halve the write rate. */
const maxWritesPerInterval = 500;

/**
 * Keeps the planner statistics up to date. Autovacuum runs once a minute: until then the planner considers a workspace
 * that was just imported almost empty and joins its customers with nested loops, which takes practically forever.
 * Only the owner of a table may analyze it, so this connects to `ownerUrl` while it does.
 * Decision 0017.
 */
export function refreshStatistics(options: { database: Database; ownerUrl: string; log: Log }): {
  stop(): Promise<void>;
} {
  const { database, ownerUrl, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let previous: ModifiedRows = new Map();
  const running = run();

  async function run() {
    while (!signal.aborted) {
      await refresh().catch((error: unknown) => {
        log.debug({ err: error }, 'Refreshing planner statistics failed');
      });
      await pause(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async function refresh() {
    const modified = await database.withoutWorkspace(undefined, findModifiedTables);
    const tables = [...modified]
      .filter(([name, rows]) => rows - (previous.get(name) ?? 0) < maxWritesPerInterval)
      .map(([name]) => name);
    previous = modified;
    if (tables.length > 0) await analyze(ownerUrl, { tables, signal });
  }

  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}

/** Finds tables with many rows that the planner does not know of, such as the first rows of a new workspace. */
async function findModifiedTables(db: Statements): Promise<ModifiedRows> {
  const { rows } = await db.query<{ name: string; rows: number }>(sql`
    select s.relname as name, s.n_mod_since_analyze::float8 as rows
    from pg_stat_user_tables s join pg_class c on c.oid = s.relid
    where s.schemaname = 'public'
      and s.n_mod_since_analyze > 1000 + 10 * sqrt(greatest(c.reltuples, 0))`);
  return new Map(rows.map(({ name, rows: modified }) => [name, modified]));
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
      // skip_locked: another server may be analyzing the table already.
      await client.query(`analyze (skip_locked) public.${client.escapeIdentifier(name)}`);
    }
  } finally {
    signal.removeEventListener('abort', drop);
    await client.end();
  }
}
