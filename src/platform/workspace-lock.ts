import type { Transaction } from './database.ts';
import { sql } from './sql.ts';

/**
 * Locks the customers of a workspace exclusively until commit, across processes: identities can then be resolved in
 * memory, and a message can be looked up and stored without a race. Code that evaluates customers without this lock
 * locks their rows.
 * Decision 0001.
 */
export function lockWorkspace(db: Transaction) {
  db.send(sql`select pg_advisory_xact_lock(hashtextextended(${db.workspaceId}, 0))`);
}

/** Required to change definitions: until commit no customer of the workspace is evaluated. */
export function lockRulesExclusive(db: Transaction) {
  lockWorkspace(db);
  db.send(sql`select pg_advisory_xact_lock(hashtextextended(${db.workspaceId}, 1))`);
}

/** Required to evaluate customers without `lockWorkspace`: until commit no definition changes. */
export function lockRulesShared(db: Transaction) {
  db.send(sql`select pg_advisory_xact_lock_shared(hashtextextended(${db.workspaceId}, 1))`);
}

/**
 * Required to store due times of customers: until commit no scheduler reads the next due time, because it could not
 * see the uncommitted one and would overwrite it.
 */
export function lockDueShared(db: Transaction) {
  db.send(sql`select pg_advisory_xact_lock_shared(hashtextextended(${db.workspaceId}, 2))`);
}

/** Required to read the next due time: waits for all transactions that store one. */
export function lockDueExclusive(db: Transaction) {
  db.send(sql`select pg_advisory_xact_lock(hashtextextended(${db.workspaceId}, 2))`);
}

/** Call it in every transaction that changes a definition, after `lockRulesExclusive`. */
export function bumpRulesVersion(db: Transaction) {
  // From the clock, so that a version is never reused after a rollback.
  db.send(sql`
    update workspace set rules_version = (extract(epoch from clock_timestamp()) * 1000000)::bigint
    where id = ${db.workspaceId}`);
}
