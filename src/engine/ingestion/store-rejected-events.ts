import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../../platform/database.ts';
import type { JobKind } from '../../platform/jobs/job.ts';
import { retryForever } from '../../platform/jobs/retry.ts';
import { sql } from '../../platform/sql.ts';
import { msPerDay } from '../../platform/time/ms-per-day.ts';
import type { RefusedEvent } from './event.ts';
import { isTooDeep } from './json.ts';

/** An event that was not stored, or not as the record that it reports, with the reason. */
export interface RejectedEvent extends Pick<RefusedEvent, 'messageId' | 'message'> {
  code: RefusedEvent['code'] | 'RECORD_OF_OTHER_CUSTOMER';
  receivedAt: Date;
  /** The id of the key that sent it; null for calls from inside the server. */
  keyId: string | null;
  /** The event as received, as JSON; null if it is nested too deeply. */
  event: string | null;
  /** Whether `event` is only the beginning. */
  isCut: boolean;
}

export const rejectedEventDays = 7;
export const maxRejectedEvents = 10_000;
/** In characters. */
export const maxRejectedText = 8_192;

/** The beginning of an event as received. A deep event is not serialised, which would exhaust the stack. */
export function toRejectedText(received: unknown): Pick<RejectedEvent, 'event' | 'isCut'> {
  if (isTooDeep(received)) return { event: null, isCut: true };
  const text = JSON.stringify(received) ?? 'null';
  return {
    event: text.slice(0, maxRejectedText).toWellFormed(),
    isCut: text.length > maxRejectedText,
  };
}

/** Stores rejected events, and deletes the oldest beyond the maximum of the workspace, in one statement. */
export async function storeRejectedEvents(
  db: Transaction,
  rejected: readonly RejectedEvent[],
): Promise<void> {
  const rows = JSON.stringify(rejected.map((one) => ({ id: uuidv7(), ...one })));
  await db.query(sql`
    with surplus as (
      delete from rejected_event where workspace_id = ${db.workspaceId} and id <= (
        select id from rejected_event where workspace_id = ${db.workspaceId}
        order by id desc offset ${Math.max(0, maxRejectedEvents - rejected.length)} limit 1))
    insert into rejected_event (workspace_id, id, received_at, key_id, message_id, code, message, event,
      is_cut)
    select ${db.workspaceId}, id, "receivedAt", "keyId", "messageId", code, message, event, "isCut"
    from jsonb_to_recordset(${rows}) as row (id uuid, "receivedAt" timestamptz, "keyId" text,
      "messageId" text, code text, message text, event text, "isCut" boolean)`);
}

/** Once a day: deletes rejected events that are older than a week. */
export const rejectedEventsJob: JobKind = {
  kind: 'REJECTED_EVENTS',
  concurrency: 'WORKSPACE',
  runsIn: 'PROCESS',
  everyMs: msPerDay,
  retry: () => retryForever,
  async step(db, _job, now) {
    const { rowCount } = await db.query(sql`
      delete from rejected_event
      where workspace_id = ${db.workspaceId} and received_at < ${oldestRejected(now)}`);
    return { state: 'DONE', done: rowCount ?? 0 };
  },
};

/** Rejected events from before this instant are not kept. */
export const oldestRejected = (now: Date) => new Date(now.getTime() - rejectedEventDays * msPerDay);
