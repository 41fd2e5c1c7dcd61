import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { correctionsOf, interpretRecord } from './interpret-record.ts';
import { correctEvents, type KeyedRecord, loadReports, recordId } from './reports.ts';
import { storeStates } from './store-states.ts';

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
  const interpreted = records.map((record) => {
    const own = reports.get(recordId(record)) ?? [];
    return { record, own, ...interpretRecord(record, own, currency) };
  });
  correctEvents(
    db,
    interpreted.flatMap(({ own, meanings }) => correctionsOf(own, meanings)),
  );
  storeStates(db, interpreted);
}
