import type { Sql } from '../../platform/database.ts';
import type { NameKind } from './names.ts';
import type { CustomerState } from './state.ts';

/** Fills in the names that lead to existing customers. */
export async function loadNames(
  sql: Sql,
  workspaceId: string,
  states: Map<string, CustomerState>,
): Promise<void> {
  const { rows } = await sql.query<{ owner: string; kind: NameKind; value: string }>(selectNames, [
    workspaceId,
    [...states.keys()],
  ]);
  for (const { owner, kind, value } of rows) states.get(owner)?.names.push({ kind, value });
}

const selectNames = `
  select wanted.id as owner, i.kind, i.value
  from unnest($2::uuid[]) as wanted (id)
  cross join lateral (
    select wanted.id
    union all
    select c.id from customer c where c.workspace_id = $1 and c.merged_into = wanted.id
  ) as member (id)
  join identity i on i.workspace_id = $1 and i.customer_id = member.id`;
