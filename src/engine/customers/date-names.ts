import type { Transaction } from '../../platform/database.ts';
import { sql, unnestRows } from '../../platform/sql.ts';
import type { Name } from './names.ts';

/** A name that an event gave to a customer, who is a survivor. */
export interface DatedName extends Name {
  survivorId: string;
  since: Date;
}

/** Dates names back to late events that had them; a name of another customer stays as it is. */
export function dateNames(db: Transaction, names: readonly DatedName[]) {
  if (names.length === 0) return;
  const late = unnestRows('late', names, {
    kind: ['text', ({ kind }) => kind],
    value: ['text', ({ value }) => value],
    survivor_id: ['uuid', ({ survivorId }) => survivorId],
    since: ['timestamptz', ({ since }) => since],
  });
  db.send(sql`
    update identity i set since = told.since
    from (
      select kind, value, survivor_id, min(since) as since
      from ${late}
      group by kind, value, survivor_id
    ) as told
    where i.workspace_id = ${db.workspaceId} and i.kind = told.kind and i.value = told.value
      and i.since > told.since
      and told.survivor_id = (select coalesce(c.merged_into, c.id) from customer c
        where c.workspace_id = ${db.workspaceId} and c.id = i.customer_id)`);
}
