import type { Services } from '../../../schema/kernel/context.ts';
import { createKey, revokeKey } from '../../access/keys.ts';
import { resume } from '../../engine/changes/resume.ts';
import { editCustomers } from '../../engine/ingestion/edit-customers.ts';
import type { Ingest } from '../../engine/ingestion/ingest.ts';
import { mergeByHand } from '../../engine/ingestion/merge-by-hand.ts';
import { undoMerge } from '../../engine/ingestion/undo-merge.ts';
import type { Config } from '../../platform/config.ts';
import { type Database, sqlThrough } from '../../platform/database.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { msPerDay } from '../../platform/time/ms-per-day.ts';
import { readPage } from './read-page.ts';

/** What the schema calls of the engine. */
export function createEngineServices(options: {
  /** Of mutations. */
  database: Database;
  ingest: Ingest;
  config: Pick<Config, 'replayDays'>;
  now: Clock;
}): Partial<Services> {
  const { database, ingest, config, now } = options;
  const retention = () => ({ now: now(), replayMs: config.replayDays * msPerDay });
  return {
    ingest: ({ workspaceId, keyId }, calls, at) =>
      ingest.ingest(workspaceId, calls, { now: at, keyId }),
    startsAfter: (workspaceId, cursors, tx) =>
      resume(sqlThrough(tx, workspaceId), cursors, retention()),
    readChanges: (workspaceId, request, tx) => readPage(tx, workspaceId, request, retention()),
    createKey: (workspaceId, request) => createKey(database, workspaceId, request),
    revokeKey: (workspaceId, keyId) => revokeKey(database, workspaceId, keyId),
    editCustomers: (workspaceId, edits, context) =>
      editCustomers(database, workspaceId, edits, context),
    mergeCustomers: (workspaceId, pair, context) =>
      mergeByHand(database, workspaceId, pair, context),
    undoMerge: (workspaceId, mergeId, at) => undoMerge(database, workspaceId, mergeId, at),
  };
}
