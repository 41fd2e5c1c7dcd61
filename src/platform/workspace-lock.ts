import type { Sql } from './database.ts';

/**
 * Until commit nobody else changes customers of this workspace, in this process or another: who is who
 * can then be decided in memory, and a message is looked up and stored without a race. Whoever evaluates
 * customers without it locks their rows.
 */
export function lockWorkspace(sql: Sql, workspaceId: string) {
  sql.send('select pg_advisory_xact_lock(hashtextextended($1, 0))', [workspaceId]);
}

/** For whoever changes definitions: until commit nobody evaluates any customer of the workspace either. */
export function lockRules(sql: Sql, workspaceId: string) {
  lockWorkspace(sql, workspaceId);
  sql.send('select pg_advisory_xact_lock(hashtextextended($1, 1))', [workspaceId]);
}

/** For whoever evaluates customers without the workspace's lock: until commit no definition changes. */
export function holdRules(sql: Sql, workspaceId: string) {
  sql.send('select pg_advisory_xact_lock_shared(hashtextextended($1, 1))', [workspaceId]);
}

/**
 * For whoever stores when customers fall due: until commit nobody looks for the next of them, who could not see
 * what is stored and would forget it.
 */
export function holdDue(sql: Sql, workspaceId: string) {
  sql.send('select pg_advisory_xact_lock_shared(hashtextextended($1, 2))', [workspaceId]);
}

/** For whoever looks for it: waits for all who store one. */
export function lockDue(sql: Sql, workspaceId: string) {
  sql.send('select pg_advisory_xact_lock(hashtextextended($1, 2))', [workspaceId]);
}

/** To be called in every transaction that changes a definition, after `lockRules`. */
export function renewRules(sql: Sql, workspaceId: string) {
  // A number never used before: a transaction that is rolled back must not leave one that means something else.
  sql.send(
    `update workspace set rules_version = (extract(epoch from clock_timestamp()) * 1000000)::bigint
     where id = $1`,
    [workspaceId],
  );
}
