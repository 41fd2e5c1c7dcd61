import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import { familyOf } from './family.ts';
import type { NameKind } from './names.ts';
import type { CustomerState } from './state.ts';

/** Fills in the names that lead to existing customers. */
export async function loadNames(
  sql: Sql,
  workspaceId: string,
  states: Map<string, CustomerState>,
): Promise<void> {
  const { text, values } = selectNames(workspaceId, [...states.keys()]);
  const { rows } = await sql.query<{ owner: string; kind: NameKind; value: string }>(text, values);
  for (const { owner, kind, value } of rows) states.get(owner)?.names.push({ kind, value });
}

const selectNames = (workspaceId: string, ids: readonly string[]) => Prisma.sql`
  select wanted.id as owner, i.kind, i.value
  from unnest(${ids}::uuid[]) as wanted (id)
  cross join lateral ${familyOf(workspaceId, Prisma.sql`wanted.id`)} as member
  join identity i on i.workspace_id = ${workspaceId}::uuid and i.customer_id = member.id`;
