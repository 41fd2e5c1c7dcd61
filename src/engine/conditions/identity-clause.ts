import { Prisma } from '../../../prisma/generated/client.ts';
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

async function loadNames(kind: string, { sql, workspaceId, customerId }: EvidenceQuery) {
  const { text, values } = Prisma.sql`select i.value from identity i
    join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = i.customer_id
    where i.workspace_id = ${workspaceId}::uuid and i.kind = ${kind}::text
      and (m.id = ${customerId}::uuid or m.merged_into = ${customerId}::uuid)
    order by i.value limit ${maxEvidence}::int`;
  const { rows } = await sql.query<{ value: string }>(text, values);
  return rows.map(({ value }) => value);
}
