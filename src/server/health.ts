import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../platform/database.ts';
import { sendJson } from './respond.ts';

/** Lives: answers without asking anybody. */
export const sendHealth = (response: ServerResponse) => sendJson(response, 200, { status: 'ok' });

/** Ready: the database answers, is migrated, and the server is not on its way out. */
export async function sendReady(
  response: ServerResponse,
  { database, isDraining }: { database: Database; isDraining: () => boolean },
) {
  const ready = !isDraining() && (await canRead(database));
  sendJson(
    response,
    ready ? 200 : 503,
    { status: ready ? 'ready' : 'not ready' },
    ready ? {} : retry,
  );
}

const retry = { 'retry-after': '1' };

/** A database that takes longer to answer is not one to send work to. */
const patienceMs = 2_000;

function canRead(database: Database): Promise<boolean> {
  const answers = database
    .outside(undefined, (sql) => sql.query('select from workspace_directory limit 1'))
    .then(() => true)
    .catch(() => false);
  return Promise.race([answers, wait(patienceMs, false, { ref: false })]);
}
