import { Prisma } from '../../../prisma/generated/client.ts';
import { given } from './compare.ts';
import type { ConditionKind } from './condition.ts';
import { findEvents, missingFor, readValue } from './evidence.ts';
import { factEvents, factValue, isMetByNothing } from './fact-evidence.ts';
import { FactCondition, type NumberComparison } from './filter.ts';
import type { Evidence, EvidenceQuery, FilterClause } from './filter-clause.ts';
import { factColumnsOf, factSql, isNumberFact } from './scope.ts';

const factKind: ConditionKind<FactCondition> = {
  name: 'fact',
  compile: factSql,
  answerWithout(data, { columns }) {
    const [fact, comparison] = given(data);
    if (isNumberFact(fact) || !factColumnsOf(fact).every((column) => columns.has(column))) {
      return undefined;
    }
    return typeof comparison === 'boolean'
      ? !comparison
      : 'exists' in comparison && !comparison.exists;
  },
};

export const factClause: FilterClause<FactCondition> = {
  name: 'fact',
  input: FactCondition,
  resolve: (data) => ({ kind: factKind, data }),
  explain: factEvidence,
};

async function factEvidence(condition: FactCondition, query: EvidenceQuery): Promise<Evidence> {
  const [fact, comparison] = given(condition);
  const { sql, workspaceId, customerId, holds } = query;
  const actual = await readValue(
    sql,
    Prisma.sql`select to_jsonb(${factValue(fact)}) as value from customer c
      where c.workspace_id = ${workspaceId}::uuid and c.id = ${customerId}::uuid`,
  );
  const { which, names } = factEvents[fact];
  const eventIds = holds === isMetByNothing(condition) ? [] : await findEvents(which, query);
  const isCounted = fact === 'orderCount' || fact === 'subscriptionRenewals' || fact === 'events';
  const missing =
    isCounted && !holds ? missingFor(comparison as NumberComparison, Number(actual), names) : null;
  return { actual, eventIds, missing };
}
