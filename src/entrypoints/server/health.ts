import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../../platform/database.ts';
import { StorageUnavailable } from '../../platform/errors.ts';
import type { ReportFailure } from '../../platform/failures.ts';
import { isDiskFull } from '../../platform/storage-errors.ts';
import { sendError, sendJson } from './respond.ts';

/** Answers while the process lives, whatever the database does. */
export const sendHealth = (response: ServerResponse) => sendJson(response, 200, { status: 'ok' });

export interface Readiness {
  /** 200 while the database takes reads and writes and the server is not about to stop, else 503. */
  send(response: ServerResponse): Promise<void>;
  /** The same report, remembering a full disk: reads and small writes go on for a while there. */
  report: ReportFailure;
}

/** A database that takes longer to answer is not one to send work to. */
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
    await database.outside(undefined, async (sql) => {
      sql.send('select from workspace_directory limit 1');
      await sql.query(writeNothing);
    });
    if (!wasDiskFull) return;
    await database.outside(undefined, (sql) => sql.query(allocate)).catch(rethrowDiskFull);
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

/** Fails where the database only reads, and touches no row where it writes. */
const writeNothing = 'update change_counter set position = position where false';

/** Needs disk space of its own, which an update in a page with room does not. */
const allocate = `
  create temporary table stageline_disk_probe on commit drop
    as select repeat('x', 1000) from generate_series(1, 1000)`;

/** A login without the right to temporary tables cannot look; then the next write does. */
function rethrowDiskFull(error: unknown) {
  if (isDiskFull(error)) throw error;
}
