import { arrayText } from '../../platform/array-text.ts';
import type { Sql } from '../../platform/database.ts';
import { requireInstalledKind } from './installed-kinds.ts';
import type { NewChange } from './kinds.ts';

/** The channel that notifies of new changes; the payload is the workspace's id. */
export const changesChannel = 'stageline_changes';

/**
 * Records changes in the order given. Call it last: it locks the workspace's counter until commit, so that
 * positions are dense and become visible in order.
 *
 * @throws Error for a kind that no domain handed in
 * Decision 0003.
 */
export function appendChanges(
  sql: Sql,
  workspaceId: string,
  changes: readonly NewChange[],
  recordedAt: Date,
): void {
  if (changes.length === 0) return;
  const { patterns, numbers } = findPatterns(changes);
  sql.send(insertChanges, [
    workspaceId,
    changes.length,
    recordedAt,
    changesChannel,
    patterns,
    arrayText(numbers),
    arrayText(changes.map(({ customerId }) => customerId)),
    arrayText(changes.map(({ at }) => at.getTime())),
    arrayText(changes.map(eventOf)),
  ]);
}

const eventOf = ({ data }: NewChange) => ('event' in data ? data.event : null);

/**
 * Many changes of a batch differ only in customer and event. Each distinct payload is sent once and referred
 * to by its number: parsing JSON was two thirds of the cost of storing a change.
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

const insertChanges = `
  with counter as (
    update change_counter set position = position + $2
    where workspace_id = $1 returning position - $2 as before
  ), inserted as (
    insert into change (workspace_id, position, kind, customer_id, at, recorded_at, data)
    -- Without a counter there is no position, and that is an error.
    select $1, (select before from counter) + row.number, pattern.kind, row.customer_id,
      to_timestamp(row.at / 1000), $3,
      case when row.event_id is null then pattern.data
        else pattern.data || jsonb_build_object('event', row.event_id) end
    from unnest($6::integer[], $7::uuid[], $8::float8[], $9::uuid[]) with ordinality
        as row (pattern, customer_id, at, event_id, number)
      join rows from (jsonb_to_recordset($5) as (kind text, data jsonb)) with ordinality
        as pattern (kind, data, number) on pattern.number = row.pattern
  )
  select pg_notify($4, $1::text) from counter`;
