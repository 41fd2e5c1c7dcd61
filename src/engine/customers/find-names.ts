import type { Sql } from '../../platform/database.ts';
import type { Name, NameKind } from './names.ts';
import type { KnownName } from './resolve-names.ts';

/** Looks up where names lead, merges followed. Unknown names are simply not in the answer. */
export async function findNames(
  sql: Sql,
  workspaceId: string,
  names: Name[],
): Promise<KnownName[]> {
  const { rows } = await sql.query<{
    kind: NameKind;
    value: string;
    customerId: string;
    survivorId: string;
    survivorIsUser: boolean;
  }>(selectNames, [workspaceId, names.map(({ kind }) => kind), names.map(({ value }) => value)]);
  return rows.map(({ kind, value, ...found }) => ({ name: { kind, value }, ...found }));
}

const selectNames = `
  select i.kind, i.value, i.customer_id as "customerId",
    coalesce(c.merged_into, c.id) as "survivorId",
    coalesce(survivor.user_id, case when c.merged_into is null then c.user_id end) is not null
      as "survivorIsUser"
  from unnest($2::text[], $3::text[]) as wanted (kind, value)
  join identity i on i.workspace_id = $1 and i.kind = wanted.kind and i.value = wanted.value
  join customer c on c.workspace_id = $1 and c.id = i.customer_id
  left join customer survivor on survivor.workspace_id = $1 and survivor.id = c.merged_into`;
