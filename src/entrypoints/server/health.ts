import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../../platform/database.ts';
import { StorageUnavailable } from '../../platform/errors.ts';
import type { ReportFailure } from '../../platform/failures.ts';
import { sql } from '../../platform/sql.ts';
import { isDiskFull } from '../../platform/storage-errors.ts';
import { sendError, sendJson } from './respond.ts';

/** Liveness: succeeds while the process runs, independently of the database. */
export const sendHealth = (response: ServerResponse) => sendJson(response, 200, { status: 'ok' });

export interface Readiness {
  /** 200 while the database accepts reads and writes and the server is not draining, else 503. */
  send(response: ServerResponse): Promise<void>;
  /** The given report; also records a full disk, on which reads and small writes still succeed for a while. */
  report: ReportFailure;
}

/** A slower database counts as not ready. */
const maxWaitMs = 2_000;

export function createReadiness(options: {
  database: Database;
  report: ReportFailure;
  isDraining: () => boolean;
}): Readiness {
  const { database, isDraining } = options;
  let wasDiskFull = false;

  const report: ReportFailure = (error) => {
    wasDiskFull ||= isDiskFull(error);
    return options.report(error);
  };

  async function probe() {
    await database.withoutWorkspace(undefined, async (db) => {
      db.send(sql`select from workspace_directory limit 1`);
      await db.query(sql`update change_counter set position = position where false`);
    });
    if (!wasDiskFull) return;
    await database
      .withoutWorkspace(undefined, (db) =>
        db.query(sql`
          create temporary table stageline_disk_probe on commit drop
            as select repeat('x', 1000) from generate_series(1, 1000)`),
      )
      .catch(rethrowDiskFull);
    wasDiskFull = false;
  }

  return {
    report,
    async send(response) {
      if (isDraining()) return sendJson(response, 503, { status: 'not ready' }, retry);
      const late = wait(maxWaitMs, undefined, { ref: false }).then(() => {
        throw new StorageUnavailable();
      });
      await Promise.race([probe(), late]).then(
        () => sendJson(response, 200, { status: 'ready' }),
        (error) => sendError(response, error, report),
      );
    },
  };
}

const retry = { 'retry-after': '1' };

/** Ignores other errors: a login without the TEMPORARY privilege cannot probe, and the next write will. */
function rethrowDiskFull(error: unknown) {
  if (isDiskFull(error)) throw error;
}
