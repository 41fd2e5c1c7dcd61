import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { familyOf } from './family.ts';
import type { NameKind } from './names.ts';
import type { CustomerState } from './state.ts';

/** Adds the names of existing customers to their states. */
export async function loadNames(
  db: Transaction,
  states: Map<string, CustomerState>,
): Promise<void> {
  const { rows } = await db.query<{ owner: string; kind: NameKind; value: string }>(
    selectNames(db.workspaceId, [...states.keys()]),
  );
  for (const { owner, kind, value } of rows) states.get(owner)?.names.push({ kind, value });
}

const selectNames = (workspaceId: string, ids: readonly string[]) => sql`
  select wanted.id as owner, i.kind, i.value
  from unnest(${ids}::uuid[]) as wanted (id)
  cross join lateral ${familyOf(workspaceId, sql`wanted.id`)} as member
  join identity i on i.workspace_id = ${workspaceId}::uuid and i.customer_id = member.id`;
