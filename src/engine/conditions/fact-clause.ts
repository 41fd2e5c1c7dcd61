import { rawSql, sql } from '../../platform/sql.ts';
import { factSql, isCount, requiredColumns } from '../customers/fact-table.ts';
import type { ClauseSql } from './clause.ts';
import { compareInstant, compareNumber, orFalse } from './compare.ts';
import type { ConditionKind } from './condition.ts';
import { formatInstant, missingFor, readValue } from './evidence.ts';
import { resolveFactCondition } from './fact-condition.ts';
import { decisiveEventsOfFact, defaultEventNames } from './fact-evidence.ts';
import { FactCondition } from './filter.ts';
import type { Evidence, EvidenceQuery, FilterClause } from './filter-clause.ts';
import type { ConditionScope } from './scope.ts';

const factKind: ConditionKind<FactCondition> = {
  name: 'fact',
  compile: compileFact,
  answerWithout(data, { columns }) {
    const { fact, type, comparison } = resolveFactCondition(data);
    if (type === 'number' || !requiredColumns(fact).every((column) => columns.has(column))) {
      return undefined;
    }
    return type === 'boolean' ? !comparison : comparison.exists === false;
  },
};

export const factClause: FilterClause<FactCondition> = {
  name: 'fact',
  input: FactCondition,
  resolve: (data) => ({ kind: factKind, data }),
  explain: factEvidence,
};

function compileFact(condition: FactCondition, { column, timeZone }: ConditionScope): ClauseSql {
  const { fact, type, comparison } = resolveFactCondition(condition);
  const value = factSql(fact, column);
  if (type === 'boolean') return { steady: sql`(${value}) = ${comparison}::boolean` };
  return type === 'number'
    ? { steady: orFalse(compareNumber(value, comparison)) }
    : compareInstant(value, comparison, timeZone);
}

async function factEvidence(condition: FactCondition, query: EvidenceQuery): Promise<Evidence> {
  const { fact, type, comparison } = resolveFactCondition(condition);
  const { db, customerId, holds } = query;
  const value = factSql(fact, (name) => rawSql(`c.${name}`));
  const actual = await readValue(
    db,
    sql`select to_jsonb(${value}) as value from customer c
      where c.workspace_id = ${db.workspaceId}::uuid and c.id = ${customerId}::uuid`,
  );
  const eventIds = await decisiveEventsOfFact(condition, actual, query);
  const missing =
    type === 'number' && isCount(fact) && !holds
      ? missingFor(comparison, Number(actual), defaultEventNames(fact))
      : null;
  return { actual: type === 'instant' ? formatInstant(actual) : actual, eventIds, missing };
}
