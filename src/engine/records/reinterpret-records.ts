import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import {
  type Correction,
  correctionsOf,
  interpretRecord,
  type OwnedReport,
} from './interpret-record.ts';
import type { RecordKey } from './record-kinds.ts';
import { correctEvents, type KeyedRecord, loadReports, recordId } from './reports.ts';
import { replaceStates } from './store-states.ts';

/** A record with its reports, in the order of arrival. */
export interface ReportedAgain {
  record: RecordKey;
  reports: readonly OwnedReport[];
}

/** Interprets records again, and stores what their events count as and what is known about them. */
export function reinterpretRecords(
  db: Transaction,
  records: readonly ReportedAgain[],
  currency: string,
): Correction[] {
  const interpreted = records.map(({ record, reports }) => ({
    ...{ record, reports },
    ...interpretRecord(record, reports, { currency, isNew: false }),
  }));
  const corrections = interpreted.flatMap(({ reports, meanings }) =>
    correctionsOf(reports, meanings),
  );
  correctEvents(db, corrections);
  replaceStates(db, interpreted);
  return corrections;
}

/**
 * Interprets the records again that more than one of the customers have reported, after a merge or its undoing has
 * changed whose reports belong together.
 */
export async function reinterpretShared(
  db: Transaction,
  ids: readonly string[],
  currency: string,
): Promise<void> {
  const { rows: records } = await db.query<KeyedRecord>(sql`
    select r.kind, r.key from record_report r
    where r.workspace_id = ${db.workspaceId} and (r.kind, r.key) in (
      select own.kind, own.key from record_report own
      join customer c on c.workspace_id = ${db.workspaceId} and c.id = own.customer_id
        and (c.id = any(${ids}::uuid[]) or c.merged_into = any(${ids}::uuid[]))
      where own.workspace_id = ${db.workspaceId})
    group by r.kind, r.key having count(distinct r.customer_id) > 1`);
  const reports = await loadReports(db, records);
  reinterpretRecords(
    db,
    records.map((record) => ({ record, reports: reports.get(recordId(record)) ?? [] })),
    currency,
  );
}
