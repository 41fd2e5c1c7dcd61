import { arrayText } from '../../platform/array-text.ts';
import type { Sql } from '../../platform/database.ts';
import type { NewChange } from './kinds.ts';

/** The channel that wakes whoever follows changes; the payload is the workspace's id. */
export const changesChannel = 'stageline_changes';

/**
 * Records facts in the order given. Call it last: it locks the workspace's counter until commit, which
 * is what makes positions dense and visible in order.
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
 * Many changes of a batch say the same of different customers by different events. What they say is sent
 * once, and each change by its number: reading JSON was two thirds of the work of storing a change.
 */
function findPatterns(changes: readonly NewChange[]) {
  const known = new Map<string, number>();
  const numbers = changes.map(({ kind, data }) => {
    const pattern = JSON.stringify({
      kind,
      data: 'event' in data ? { ...data, event: null } : data,
    });
    const number = known.get(pattern) ?? known.size + 1;
    known.set(pattern, number);
    return number;
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
