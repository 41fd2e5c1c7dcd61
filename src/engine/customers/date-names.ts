import type { Sql } from '../../platform/database.ts';
import type { Name } from './names.ts';

/** A name that an event gave to a customer, who is a survivor. */
export interface DatedName extends Name {
  survivorId: string;
  since: Date;
}

/** Dates names back to late events that had them; a name of another customer stays as it is. */
export function dateNames(sql: Sql, workspaceId: string, names: readonly DatedName[]) {
  if (names.length === 0) return;
  sql.send(
    `update identity i set since = told.since
     from (
       select kind, value, survivor_id, min(since) as since
       from unnest($2::text[], $3::text[], $4::uuid[], $5::timestamptz[])
         as late (kind, value, survivor_id, since)
       group by kind, value, survivor_id
     ) as told
     where i.workspace_id = $1 and i.kind = told.kind and i.value = told.value
       and i.since > told.since
       and told.survivor_id = (select coalesce(c.merged_into, c.id) from customer c
         where c.workspace_id = $1 and c.id = i.customer_id)`,
    [
      workspaceId,
      names.map(({ kind }) => kind),
      names.map(({ value }) => value),
      names.map(({ survivorId }) => survivorId),
      names.map(({ since }) => since),
    ],
  );
}
