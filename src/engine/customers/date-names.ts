import type { Sql } from '../../platform/database.ts';
import type { Name } from './names.ts';

/** A name as an event told it of a customer, who is a survivor. */
export interface ToldName extends Name {
  survivorId: string;
  since: Date;
}

/** A late event may tell a name as of an earlier time than was known; that of another customer stays. */
export function dateNames(sql: Sql, workspaceId: string, told: readonly ToldName[]) {
  if (told.length === 0) return;
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
      told.map(({ kind }) => kind),
      told.map(({ value }) => value),
      told.map(({ survivorId }) => survivorId),
      told.map(({ since }) => since),
    ],
  );
}
