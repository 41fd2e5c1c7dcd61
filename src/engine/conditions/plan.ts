import { emptySql, joinSql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import {
  answerAtSql,
  answerSql,
  boundsSql,
  type ClauseSql,
  holdsSql,
  isSteady,
  permanentAnswerSql,
} from './clause.ts';
import type { AtomicCondition, Condition } from './condition.ts';
import type { PairSource } from './pair-lookups.ts';
import { createPairScope, type Needs } from './pair-scope.ts';
import type { ConditionScope } from './scope.ts';
import type { Tree } from './tree.ts';

/** Conditions compiled to one statement that answers them for many pairs. Decision 0008. */
export interface Plan {
  /** One for each condition, in the same order. */
  trees: Tree[];
  needs: Needs;
  /** Whether there is nothing for SQL to answer. */
  isEmpty: boolean;
  /** Selects an `AnsweredRow` with its ordinal for each row `s` of the relation, or only its `expiring`. */
  select(relation: Sql, which: 'all' | 'expiring'): Sql;
}

/** The maximum for concat(). */
const maxArguments = 100;

/** Compiles conditions. Equal parts are answered once. */
export function compilePlan(
  conditions: readonly Condition[],
  options: { workspaceId: string; timeZone: string; source: PairSource },
): Plan {
  const scope = createPairScope(options);
  const steady: Sql[] = [];
  const during: Sql[] = [];
  const expiring: Sql[] = [];
  const repeatScope = createPairScope(options);
  const repeatedAnswers: Sql[] = [];
  const loads = new Map<string, Sql>();
  const known = new Map<string, Tree>();

  function toTree(condition: Condition): Tree {
    const key = JSON.stringify(condition);
    const tree = known.get(key) ?? makeTree(condition);
    known.set(key, tree);
    return tree;
  }

  /** A steady condition is one column, whatever its parts; others are combined in memory. */
  function makeTree(condition: Condition): Tree {
    if ('kind' in condition && condition.kind.inMemory) return loadFor(condition);
    if (!isAnsweredInMemory(condition)) {
      const compiled = compileToSql(scope, condition);
      if (compiled.isSteady) return { steady: steady.push(compiled.holds) - 1 };
    }
    if ('all' in condition) return { all: condition.all.map(toTree) };
    if ('any' in condition) return { any: condition.any.map(toTree) };
    if ('not' in condition) return { not: toTree(condition.not) };
    const { kind, data } = condition;
    return toLeaf(kind.compile(data, scope), kind.compile(data, repeatScope));
  }

  function loadFor(condition: AtomicCondition): Tree {
    const load = condition.kind.inMemory?.load;
    if (load && !loads.has(load.column)) {
      loads.set(load.column, load.compile(condition.data, scope));
    }
    return condition;
  }

  function toLeaf(clause: ClauseSql, repeated: ClauseSql): Tree {
    if ('not' in clause && 'not' in repeated) return { not: toLeaf(clause.not, repeated.not) };
    if ('since' in clause) return { during: during.push(boundsSql(clause)) - 1 };
    if (!('holds' in clause && 'holds' in repeated))
      throw new Error('The condition compiled to a different clause the second time');
    repeatedAnswers.push(answerSql(repeated));
    return { expiring: expiring.push(answerSql(clause)) - 1 };
  }

  const trees = conditions.map(toTree);
  return {
    trees,
    needs: scope.needs,
    isEmpty: steady.length + during.length + expiring.length + loads.size === 0,
    select: (relation, which) =>
      which === 'all'
        ? sql`select s.ordinal, ${packBooleans(steady)} as steady,
            ${packNumbers(during)} as during, ${packNumbers(expiring)} as expiring ${columnsOf(loads)}
            from ${relation} ${scope.joins()}`
        : sql`select s.ordinal, ${packNumbers(repeatedAnswers)} as expiring
            from ${relation} ${repeatScope.joins()}`,
  };
}

function columnsOf(loads: ReadonlyMap<string, Sql>): Sql {
  const columns = [...loads].map(([name, value]) => sql`, ${value} as ${rawSql(name)}`);
  return joinSql([emptySql, ...columns], '');
}

const packNumbers = (answers: Sql[]) =>
  sql`array[${answers.length > 0 ? joinSql(answers) : emptySql}]::float8[]`;

function packBooleans(truths: Sql[]): Sql {
  const parts = [sql`''`];
  for (let from = 0; from < truths.length; from += maxArguments) {
    parts.push(sql`concat(${joinSql(truths.slice(from, from + maxArguments))})`);
  }
  return joinSql(parts, ' || ');
}

/** Whether some part of a condition is answered in memory. */
export function isAnsweredInMemory(condition: Condition): boolean {
  if ('all' in condition) return condition.all.some(isAnsweredInMemory);
  if ('any' in condition) return condition.any.some(isAnsweredInMemory);
  if ('not' in condition) return isAnsweredInMemory(condition.not);
  return condition.kind.inMemory !== undefined;
}

/** A condition in SQL: whether it holds, and whether time alone can change that. */
interface CompiledSql {
  isSteady: boolean;
  holds: Sql;
}

/** Compiles a condition in a scope, clause by clause. */
export function compileToSql(scope: ConditionScope, condition: Condition): CompiledSql {
  if ('all' in condition) return combined(scope, condition.all, ' and ', 'true');
  if ('any' in condition) return combined(scope, condition.any, ' or ', 'false');
  if ('not' in condition) {
    const { isSteady, holds } = compileToSql(scope, condition.not);
    return { isSteady, holds: sql`not (${holds})` };
  }
  const clause = condition.kind.compile(condition.data, scope);
  return { isSteady: isSteady(clause), holds: sql`(${holdsSql(clause, scope.at)})` };
}

function combined(
  scope: ConditionScope,
  conditions: Condition[],
  operator: string,
  emptyResult: string,
): CompiledSql {
  const parts = conditions.map((part) => compileToSql(scope, part));
  if (parts.length === 0) return { isSteady: true, holds: rawSql(emptyResult) };
  const holds = joinSql(
    parts.map((part) => part.holds),
    operator,
  );
  return {
    isSteady: parts.every((part) => part.isSteady),
    holds: sql`(${holds})`,
  };
}

/** The answer to a condition in SQL, as an `Answer`. */
export function answerToSql(scope: ConditionScope, condition: Condition): Sql {
  const compiled = compileToSql(scope, condition);
  if (compiled.isSteady) return permanentAnswerSql(compiled.holds);
  const each = (parts: Condition[]) => joinSql(parts.map((part) => answerToSql(scope, part)));
  if ('all' in condition) return sql`least(${each(condition.all)})`;
  if ('any' in condition) return sql`greatest(${each(condition.any)})`;
  if ('not' in condition) return sql`- (${answerToSql(scope, condition.not)})`;
  return sql`(${answerAtSql(condition.kind.compile(condition.data, scope), scope.at)})`;
}
