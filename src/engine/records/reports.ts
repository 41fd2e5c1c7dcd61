import type { Trust } from '../../access/principal.ts';
import type { Transaction } from '../../platform/database.ts';
import { sql, unnestRows } from '../../platform/sql.ts';
import { effectOf } from '../customers/effects.ts';
import { type Correction, maxReports, type OwnedReport } from './interpret-record.ts';
import type { RecordKey, RecordReference } from './record-kinds.ts';

/** A record with a key, which several events may report. */
export type KeyedRecord = RecordKey & { key: string };

export const isKeyed = <R extends RecordKey>(record: R | null): record is R & KeyedRecord =>
  record !== null && record.key !== null;

export const recordId = ({ kind, key }: KeyedRecord) => `${kind} ${key}`;

/** A row with what `reportColumns` selects. */
export interface ReportRow {
  eventId: string;
  customerId: string;
  survivorId: string;
  part: string | null;
  at: Date;
  trust: Trust;
  call: string;
  name: string;
  properties: Record<string, unknown>;
  effect: string | null;
  amount: string | null;
  currency: string | null;
  counts: boolean;
  countedEffect: string | null;
  countedUntil: Date | null;
  corrected: Record<string, unknown> | null;
}

/** Of the row `e` of an event and `c` of its customer. */
export const reportColumns = sql`
  e.id as "eventId", e.customer_id as "customerId", coalesce(c.merged_into, c.id) as "survivorId",
  e.occurred_at as at, e.trust, e.kind as call, e.name, e.properties, e.effect, e.amount, e.currency, e.counts,
  e.counted_effect as "countedEffect", e.counted_until as "countedUntil", e.corrected`;

/**
 * Loads the first reports of each record, in the order of arrival, by `recordId`. "offset 0" keeps the planner, while it
 * has no statistics, from joining all events and customers.
 */
export async function loadReports(
  db: Transaction,
  records: readonly KeyedRecord[],
): Promise<Map<string, OwnedReport[]>> {
  if (records.length === 0) return new Map();
  const { rows } = await db.query<ReportRow & KeyedRecord>(sql`
    select r.kind, r.key, r.part, ${reportColumns}
    from ${unnestRows('wanted', records, {
      kind: ['text', ({ kind }) => kind],
      key: ['text', ({ key }) => key],
    })}
    cross join lateral (
      select * from record_report r
      where r.workspace_id = ${db.workspaceId} and r.kind = wanted.kind and r.key = wanted.key
      order by r.arrival limit ${maxReports}::int
    ) as r
    cross join lateral (
      select * from event e
      where e.workspace_id = ${db.workspaceId} and e.id = r.event_id offset 0
    ) as e
    cross join lateral (
      select * from customer c
      where c.workspace_id = ${db.workspaceId} and c.id = r.customer_id offset 0
    ) as c
    order by r.arrival`);
  const reports = new Map<string, OwnedReport[]>();
  for (const row of rows) {
    const id = recordId(row);
    reports.set(id, [...(reports.get(id) ?? []), toReport(row)]);
  }
  return reports;
}

export const toReport = (row: ReportRow): OwnedReport => ({
  eventId: row.eventId,
  customerId: row.customerId,
  survivorId: row.survivorId,
  effect: effectOf(row.call, row.name) ?? '',
  part: row.part,
  at: row.at,
  trust: row.trust,
  properties: row.properties,
  meaning: {
    effect: row.effect,
    amount: row.amount === null ? null : BigInt(row.amount),
    currency: row.currency,
    counts: row.counts,
    countedEffect: row.countedEffect,
    countedUntil: row.countedUntil,
    corrected: row.corrected,
  },
});

/** A report to be stored, with the number of its arrival. */
export interface NewReport {
  record: RecordReference & KeyedRecord;
  eventId: string;
  customerId: string;
  trust: Trust;
  at: Date;
  receivedAt: Date;
  arrival: string;
}

/** Those that are stored already are left as they are. */
export function insertReports(db: Transaction, reports: readonly NewReport[]): void {
  if (reports.length === 0) return;
  db.send(sql`
    insert into record_report
      (workspace_id, kind, key, part, arrival, event_id, customer_id, trust, at, received_at)
    select ${db.workspaceId}, * from ${unnestRows('report', reports, {
      kind: ['text', ({ record }) => record.kind],
      key: ['text', ({ record }) => record.key],
      part: ['text', ({ record }) => record.part],
      arrival: ['bigint', ({ arrival }) => arrival],
      event_id: ['uuid', ({ eventId }) => eventId],
      customer_id: ['uuid', ({ customerId }) => customerId],
      trust: ['text', ({ trust }) => trust],
      at: ['timestamptz', ({ at }) => at],
      received_at: ['timestamptz', ({ receivedAt }) => receivedAt],
    })}
    on conflict do nothing`);
}

/** Changes what stored events count as. */
export function correctEvents(db: Transaction, corrections: readonly Correction[]): void {
  if (corrections.length === 0) return;
  const rows = corrections.map(({ eventId, meaning }) => ({
    ...meaning,
    id: eventId,
    amount: meaning.amount === null ? null : String(meaning.amount),
  }));
  db.send(sql`
    update event e set effect = row.effect, amount = row.amount, currency = row.currency,
      counts = row.counts, counted_effect = row."countedEffect", counted_until = row."countedUntil",
      corrected = row.corrected
    from jsonb_to_recordset(${JSON.stringify(rows)}) as row
      (id uuid, effect text, amount bigint, currency text, counts boolean,
        "countedEffect" text, "countedUntil" timestamptz, corrected jsonb)
    where e.workspace_id = ${db.workspaceId} and e.id = row.id`);
}
