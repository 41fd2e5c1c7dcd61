import { loadWorkspaceSettings } from '../../access/workspaces.ts';
import type { Transaction } from '../../platform/database.ts';
import type { JobKind, StepResult } from '../../platform/jobs/job.ts';
import { retryForever } from '../../platform/jobs/retry.ts';
import type { PlaceholderIds } from '../../platform/placeholder-ids.ts';
import { sql } from '../../platform/sql.ts';
import { lockWorkspace } from '../../platform/workspace-lock.ts';
import { effectOf } from '../customers/effects.ts';
import { recomputeFacts } from '../customers/recompute-facts.ts';
import { recordChanges } from '../evaluation/record-changes.ts';
import { loadRules } from '../evaluation/rules.ts';
import type { Correction } from '../records/interpret-record.ts';
import { type RecordReference, recordOf } from '../records/record-kinds.ts';
import { type ReportedAgain, reinterpretRecords } from '../records/reinterpret-records.ts';
import {
  insertReports,
  isKeyed,
  loadReports,
  type ReportRow,
  recordId,
  reportColumns,
  toReport,
} from '../records/reports.ts';
import { evaluateRebuilt } from './apply-merge.ts';

interface RecordsProgress {
  /** The id of the last event examined; events are examined in the order of their ids. */
  reached?: string;
}

/** Events per transaction. Small, because ingestion waits while they are interpreted. */
const eventsPerStep = 1_000;

/**
 * Interprets the events that were stored before their records were known, so that orders that were reported twice count
 * once. The migration starts it for every workspace with events.
 */
export const createRecordsJob = (placeholders: PlaceholderIds): JobKind<RecordsProgress> => ({
  kind: 'RECORDS',
  concurrency: 'WORKSPACE',
  runsIn: 'PROCESS',
  retry: () => retryForever,
  async step(db, { data }, now): Promise<StepResult<RecordsProgress>> {
    lockWorkspace(db);
    const events = await loadEvents(db, data.reached);
    await correctCustomers(db, await interpretEvents(db, events, placeholders), now);
    const reached = events.at(-1)?.eventId;
    const progress = { done: events.length, ...(reached && { data: { reached } }) };
    return { state: events.length < eventsPerStep ? 'DONE' : 'RUNNING', ...progress };
  },
});

interface EventRow extends Omit<ReportRow, 'part'> {
  receivedAt: Date;
  arrival: string;
}

async function loadEvents(db: Transaction, reached: string | undefined): Promise<EventRow[]> {
  const { rows } = await db.query<EventRow>(sql`
    select ${reportColumns}, e.received_at as "receivedAt", e.arrival
    from event e
    join customer c on c.workspace_id = ${db.workspaceId} and c.id = e.customer_id
    where e.workspace_id = ${db.workspaceId}
      and e.id > ${reached ?? '00000000-0000-0000-0000-000000000000'}::uuid
    order by e.id limit ${eventsPerStep}::int`);
  return rows;
}

/** Adds the events to the reports of their records, which are interpreted again. */
async function interpretEvents(
  db: Transaction,
  events: readonly EventRow[],
  placeholders: PlaceholderIds,
): Promise<Correction[]> {
  const { currency } = await loadWorkspaceSettings(db);
  const reporting = events.flatMap((event) => {
    const record = recordOf(effectOf(event.call, event.name), event.properties, placeholders);
    return record ? [{ ...event, part: record.part, record }] : [];
  });
  const keyed = reporting.flatMap(({ record, ...row }) =>
    isKeyed(record) ? [{ ...row, record }] : [],
  );
  insertReports(db, keyed);
  const records = [...new Map(keyed.map(({ record }) => [recordId(record), record])).values()];
  const reports = await loadReports(db, records);
  const single = reporting.filter(({ record }) => !isKeyed(record));
  return reinterpretRecords(
    db,
    [
      ...records.map((record) => ({ record, reports: reports.get(recordId(record)) ?? [] })),
      ...single.map(ofItself),
    ],
    currency,
  );
}

const ofItself = (row: ReportRow & { record: RecordReference }): ReportedAgain => ({
  record: row.record,
  reports: [toReport(row)],
});

async function correctCustomers(db: Transaction, corrections: readonly Correction[], now: Date) {
  const ids = [...new Set(corrections.flatMap((one) => (one.changesFacts ? one.survivorId : [])))];
  if (ids.length === 0) return;
  const { timeZone } = await loadWorkspaceSettings(db);
  await recomputeFacts(db, ids, timeZone);
  const rules = await loadRules(db);
  const trigger = { at: now, late: false, cause: 'CORRECTION', eventId: null } as const;
  recordChanges(db, rules, await evaluateRebuilt({ db, rules }, ids, trigger), now);
}
