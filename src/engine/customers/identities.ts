import type { Tx } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { familyOf } from './family.ts';

export interface OwnedIdentity {
  ownerId: string;
  kind: string;
  value: string;
  /** When the customer was first known by it. */
  since: Date;
}

/** Loads the identities of customers, including those of customers merged into them. */
export function identitiesOf(
  tx: Tx,
  workspaceId: string,
  owners: readonly string[],
): Promise<OwnedIdentity[]> {
  return tx.$queryRaw<OwnedIdentity[]>`
    select owner.id as "ownerId", i.kind, i.value, min(i.since) as since
    from unnest(${owners}::uuid[]) as owner (id)
    cross join lateral ${familyOf(workspaceId, sql`owner.id`)} as member
    join identity i on i.workspace_id = ${workspaceId}::uuid and i.customer_id = member.id
    group by owner.id, i.kind, i.value
    order by owner.id, i.kind, i.value`;
}
