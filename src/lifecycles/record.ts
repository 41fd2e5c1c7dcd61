import { appendChanges } from '../changes/append.ts';
import type { NewChange } from '../changes/kinds.ts';
import type { Sql } from '../platform/database.ts';
import type { Transition } from './evaluate.ts';

/** A fact for the log, with the transition it is the news of, if it is one. */
export interface Recorded {
  change: NewChange;
  transition?: Transition;
}

export const stageChange = (transition: Transition): Recorded => ({
  transition,
  change: {
    kind: 'STAGE_CHANGED',
    customerId: transition.customerId,
    at: transition.at,
    data: {
      lifecycle: transition.lifecycle.id,
      from: transition.from,
      to: transition.to.key,
      event: transition.eventId,
      late: transition.late,
    },
  },
});

/** Appends the facts to the log and keeps the typed form of the stage changes. Call it last. */
export async function record(sql: Sql, workspaceId: string, recorded: Recorded[], now: Date) {
  if (recorded.length === 0) return;
  const changes = recorded.map(({ change }) => change);
  const first = await appendChanges(sql, workspaceId, changes, now);
  const rows = recorded.flatMap(({ transition }, index) =>
    transition ? [toRow(transition, first + BigInt(index))] : [],
  );
  if (rows.length > 0) await sql.query(insertTransitions, [workspaceId, JSON.stringify(rows)]);
}

const toRow = ({ lifecycle, from, to, ...move }: Transition, position: bigint) => ({
  position: String(position),
  customer_id: move.customerId,
  lifecycle_id: lifecycle.id,
  from_stage: from,
  to_stage: to.key,
  at: move.at,
  cause: move.cause,
  rule: to.rule,
  lifecycle_version: lifecycle.version,
  event_id: move.eventId,
  late: move.late,
});

const insertTransitions = `
  insert into transition (workspace_id, position, customer_id, lifecycle_id, from_stage, to_stage, at,
    cause, rule, lifecycle_version, event_id, late)
  select $1, position, customer_id, lifecycle_id, from_stage, to_stage, at, cause, rule,
    lifecycle_version, event_id, late
  from json_to_recordset($2) as row (position bigint, customer_id uuid, lifecycle_id uuid,
    from_stage text, to_stage text, at timestamptz, cause text, rule jsonb, lifecycle_version integer,
    event_id uuid, late boolean)`;
