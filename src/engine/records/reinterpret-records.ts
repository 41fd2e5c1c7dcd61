import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { familyOf } from '../customers/family.ts';
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
    with own as materialized (
      select distinct r.kind, r.key
      from unnest(${[...ids]}::uuid[]) as owner (id)
      cross join lateral ${familyOf(db.workspaceId, sql`owner.id`)} as member
      cross join lateral (
        select kind, key from record_report
        where customer_id = member.id and workspace_id = ${db.workspaceId} offset 0
      ) as r
    )
    select own.kind, own.key from own
    cross join lateral (
      select count(distinct r.customer_id) as customers from record_report r
      where r.workspace_id = ${db.workspaceId} and r.kind = own.kind and r.key = own.key offset 0
    ) as reported
    where reported.customers > 1`);
  const reports = await loadReports(db, records);
  reinterpretRecords(
    db,
    records.map((record) => ({ record, reports: reports.get(recordId(record)) ?? [] })),
    currency,
  );
}
