import { Prisma } from '../../../prisma/generated/client.ts';
import {
  answerAtSql,
  answerSql,
  boundsSql,
  type ClauseSql,
  forEverSql,
  holdsSql,
  isSteady,
} from './clause.ts';
import type { AtomicCondition, Condition } from './condition.ts';
import { createPairScope, type Needs, type PairSource } from './pair-scope.ts';
import type { Scope } from './scope.ts';
import type { Tree } from './tree.ts';

/** A set of conditions made ready to be answered for many pairs by one statement. */
export interface Plan {
  /** One per condition, in order. */
  trees: Tree[];
  needs: Needs;
  /** Whether SQL has anything to answer. */
  isEmpty: boolean;
  /** Selects an `AnsweredRow` with its ordinal for each row `s` of the relation; or `asked` alone. */
  select(relation: Prisma.Sql, which: 'all' | 'asked'): Prisma.Sql;
}

/** concat() takes no more arguments than this. */
const maxArguments = 100;

/** Compiles conditions; equal parts are answered once. */
export function compilePlan(
  conditions: readonly Condition[],
  options: { workspaceId: string; timeZone: string; source: PairSource },
): Plan {
  const scope = createPairScope(options);
  const steady: Prisma.Sql[] = [];
  const during: Prisma.Sql[] = [];
  const asked: Prisma.Sql[] = [];
  const again = createPairScope(options);
  const askedAgain: Prisma.Sql[] = [];
  const loads = new Map<string, Prisma.Sql>();
  const known = new Map<string, Tree>();

  function toTree(condition: Condition): Tree {
    const key = JSON.stringify(condition);
    const tree = known.get(key) ?? makeTree(condition);
    known.set(key, tree);
    return tree;
  }

  /** What is steady is one column, however much it is made of; the rest is put together outside SQL. */
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
    return toLeaf(kind.compile(data, scope), kind.compile(data, again));
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
      throw new Error('A condition compiled to another clause the second time');
    askedAgain.push(answerSql(repeated));
    return { asked: asked.push(answerSql(clause)) - 1 };
  }

  const trees = conditions.map(toTree);
  return {
    trees,
    needs: scope.needs,
    isEmpty: steady.length + during.length + asked.length + loads.size === 0,
    select: (relation, which) =>
      which === 'all'
        ? Prisma.sql`select s.ordinal, ${packBooleans(steady)} as steady,
            ${packNumbers(during)} as during, ${packNumbers(asked)} as asked ${columnsOf(loads)}
            from ${relation} ${scope.joins()}`
        : Prisma.sql`select s.ordinal, ${packNumbers(askedAgain)} as asked
            from ${relation} ${again.joins()}`,
  };
}

function columnsOf(loads: ReadonlyMap<string, Prisma.Sql>): Prisma.Sql {
  const columns = [...loads].map(([name, sql]) => Prisma.sql`, ${sql} as ${Prisma.raw(name)}`);
  return Prisma.join([Prisma.empty, ...columns], '');
}

const packNumbers = (answers: Prisma.Sql[]) =>
  Prisma.sql`array[${answers.length > 0 ? Prisma.join(answers) : Prisma.empty}]::float8[]`;

function packBooleans(truths: Prisma.Sql[]): Prisma.Sql {
  const parts = [Prisma.sql`''`];
  for (let from = 0; from < truths.length; from += maxArguments) {
    parts.push(Prisma.sql`concat(${Prisma.join(truths.slice(from, from + maxArguments))})`);
  }
  return Prisma.join(parts, ' || ');
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
  holds: Prisma.Sql;
}

/** Compiles a condition in a scope, clause by clause. */
export function compileToSql(scope: Scope, condition: Condition): CompiledSql {
  if ('all' in condition) return combined(scope, condition.all, ' and ', 'true');
  if ('any' in condition) return combined(scope, condition.any, ' or ', 'false');
  if ('not' in condition) {
    const { isSteady, holds } = compileToSql(scope, condition.not);
    return { isSteady, holds: Prisma.sql`not (${holds})` };
  }
  const clause = condition.kind.compile(condition.data, scope);
  return { isSteady: isSteady(clause), holds: Prisma.sql`(${holdsSql(clause, scope.at)})` };
}

function combined(
  scope: Scope,
  conditions: Condition[],
  operator: string,
  ofNone: string,
): CompiledSql {
  const parts = conditions.map((part) => compileToSql(scope, part));
  if (parts.length === 0) return { isSteady: true, holds: Prisma.raw(ofNone) };
  const holds = Prisma.join(
    parts.map((part) => part.holds),
    operator,
  );
  return {
    isSteady: parts.every((part) => part.isSteady),
    holds: Prisma.sql`(${holds})`,
  };
}

/** The answer to a condition in SQL, as the number described at `Answer`. */
export function answerToSql(scope: Scope, condition: Condition): Prisma.Sql {
  const compiled = compileToSql(scope, condition);
  if (compiled.isSteady) return forEverSql(compiled.holds);
  const each = (parts: Condition[]) => Prisma.join(parts.map((part) => answerToSql(scope, part)));
  if ('all' in condition) return Prisma.sql`least(${each(condition.all)})`;
  if ('any' in condition) return Prisma.sql`greatest(${each(condition.any)})`;
  if ('not' in condition) return Prisma.sql`- (${answerToSql(scope, condition.not)})`;
  return Prisma.sql`(${answerAtSql(condition.kind.compile(condition.data, scope), scope.at)})`;
}
