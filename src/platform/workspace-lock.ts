import type { Sql } from './database.ts';

/**
 * Locks the customers of a workspace exclusively until commit, across processes: identities can then be resolved in
 * memory, and a message can be looked up and stored without a race. Code that evaluates customers without this lock
 * locks their rows.
 * Decision 0001.
 */
export function lockWorkspace(sql: Sql, workspaceId: string) {
  sql.send('select pg_advisory_xact_lock(hashtextextended($1, 0))', [workspaceId]);
}

/** Required to change definitions: until commit no customer of the workspace is evaluated. */
export function lockRulesExclusive(sql: Sql, workspaceId: string) {
  lockWorkspace(sql, workspaceId);
  sql.send('select pg_advisory_xact_lock(hashtextextended($1, 1))', [workspaceId]);
}

/** Required to evaluate customers without `lockWorkspace`: until commit no definition changes. */
export function lockRulesShared(sql: Sql, workspaceId: string) {
  sql.send('select pg_advisory_xact_lock_shared(hashtextextended($1, 1))', [workspaceId]);
}

/**
 * Required to store due times of customers: until commit no scheduler reads the next due time, because it could not
 * see the uncommitted one and would overwrite it.
 */
export function lockDueShared(sql: Sql, workspaceId: string) {
  sql.send('select pg_advisory_xact_lock_shared(hashtextextended($1, 2))', [workspaceId]);
}

/** Required to read the next due time: waits for all transactions that store one. */
export function lockDueExclusive(sql: Sql, workspaceId: string) {
  sql.send('select pg_advisory_xact_lock(hashtextextended($1, 2))', [workspaceId]);
}

/** Call it in every transaction that changes a definition, after `lockRulesExclusive`. */
export function bumpRulesVersion(sql: Sql, workspaceId: string) {
  // From the clock, so that a version is never reused after a rollback.
  sql.send(
    `update workspace set rules_version = (extract(epoch from clock_timestamp()) * 1000000)::bigint
     where id = $1`,
    [workspaceId],
  );
}
