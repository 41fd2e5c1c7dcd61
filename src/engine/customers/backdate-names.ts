import type { Transaction } from '../../platform/database.ts';
import { sql, unnestRows } from '../../platform/sql.ts';
import type { Name } from './names.ts';

/** A name in an event, with the survivor that it belongs to. */
export interface DatedName extends Name {
  survivorId: string;
  since: Date;
}

/** Sets the start of names to the time of late events that had them. Names of other customers do not change. */
export function backdateNames(db: Transaction, names: readonly DatedName[]) {
  if (names.length === 0) return;
  const late = unnestRows('late', names, {
    kind: ['text', ({ kind }) => kind],
    value: ['text', ({ value }) => value],
    survivor_id: ['uuid', ({ survivorId }) => survivorId],
    since: ['timestamptz', ({ since }) => since],
  });
  db.send(sql`
    update identity i set since = earliest.since
    from (
      select kind, value, survivor_id, min(since) as since
      from ${late}
      group by kind, value, survivor_id
    ) as earliest
    where i.workspace_id = ${db.workspaceId} and i.kind = earliest.kind and i.value = earliest.value
      and i.since > earliest.since
      and earliest.survivor_id = (select coalesce(c.merged_into, c.id) from customer c
        where c.workspace_id = ${db.workspaceId} and c.id = i.customer_id)`);
}
