import type { Transaction } from '../../platform/database.ts';
import { sql, unnestRows } from '../../platform/sql.ts';
import { requireInstalledKind } from './installed-kinds.ts';
import type { NewChange } from './kinds.ts';

/** The notification channel for new changes; the payload is the workspace id. */
export const changesChannel = 'stageline_changes';

/**
 * Appends changes to the log in the order given. Call it last: it locks the workspace's counter until commit, so
 * that positions are dense and become visible in order.
 *
 * @throws Error for a kind that no domain handed in
 * Decision 0003.
 */
export function appendChanges(
  db: Transaction,
  changes: readonly NewChange[],
  recordedAt: Date,
): void {
  if (changes.length === 0) return;
  const { patterns, numbers } = findPatterns(changes);
  const rows = unnestRows('row', changes, {
    pattern: ['integer', (_, index) => numbers[index]],
    customer_id: ['uuid', ({ customerId }) => customerId],
    at: ['timestamptz', ({ at }) => at],
    event_id: ['uuid', eventOf],
    number: ['integer', (_, index) => index + 1],
  });
  db.send(sql`
    with counter as (
      update change_counter set position = position + ${changes.length}
      where workspace_id = ${db.workspaceId} returning position - ${changes.length} as before
    ), inserted as (
      insert into change (workspace_id, position, kind, customer_id, at, recorded_at, data)
      -- Without a counter the position is null, which fails.
      select ${db.workspaceId}, (select before from counter) + row.number, pattern.kind, row.customer_id,
        row.at, ${recordedAt},
        case when row.event_id is null then pattern.data
          else pattern.data || jsonb_build_object('event', row.event_id) end
      from ${rows}
        join rows from (jsonb_to_recordset(${patterns}) as (kind text, data jsonb)) with ordinality
          as pattern (kind, data, number) on pattern.number = row.pattern
    )
    select pg_notify(${changesChannel}, ${db.workspaceId}::text) from counter`);
}

const eventOf = ({ data }: NewChange) => ('event' in data ? data.event : null);

/**
 * Numbers the distinct payloads, so that each is sent and parsed once: many changes of a batch differ only in customer
 * and event, and parsing JSON was two thirds of the cost of storing a change.
 */
function findPatterns(changes: readonly NewChange[]) {
  const known = new Map<string, number>();
  const numbers = changes.map(({ kind, data }) => {
    const pattern = JSON.stringify({
      kind,
      data: 'event' in data ? { ...data, event: null } : data,
    });
    const number = known.get(pattern);
    if (number !== undefined) return number;
    requireInstalledKind(kind);
    known.set(pattern, known.size + 1);
    return known.size;
  });
  return { patterns: `[${[...known.keys()].join(',')}]`, numbers };
}
