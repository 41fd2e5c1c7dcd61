import { sql } from '../../platform/sql.ts';
import type { ConditionKind } from './condition.ts';
import { maxEvidence } from './evidence.ts';
import { IdentityCondition } from './filter.ts';
import type { EvidenceQuery, FilterClause } from './filter-clause.ts';

const identityKind: ConditionKind<IdentityCondition> = {
  name: 'identity',
  compile: (data, scope) => scope.identity(data),
};

export const identityClause: FilterClause<IdentityCondition> = {
  name: 'identity',
  input: IdentityCondition,
  resolve: (data) => ({ kind: identityKind, data }),
  explain: async ({ kind }, query) => ({ actual: await loadNames(kind, query) }),
};

async function loadNames(kind: string, { db, customerId }: EvidenceQuery) {
  const { rows } = await db.query<{ value: string }>(sql`
    select distinct i.value from identity i
    join customer m on m.workspace_id = ${db.workspaceId}::uuid and m.id = i.customer_id
    where i.workspace_id = ${db.workspaceId}::uuid and i.kind = ${kind}::text
      and (m.id = ${customerId}::uuid or m.merged_into = ${customerId}::uuid)
    order by i.value limit ${maxEvidence}::int`);
  return rows.map(({ value }) => value);
}
