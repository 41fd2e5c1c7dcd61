import { Prisma } from '../../../prisma/generated/client.ts';
import { activitySql } from '../../domains/churn/filter/risk-sql.ts';
import {
  answerAtSql,
  answerSql,
  boundsSql,
  type ClauseSql,
  forEverSql,
  holdsSql,
  isSteady,
} from './clause.ts';
import { createPairScope, type Needs, type PairSource } from './pair-scope.ts';
import type { Condition } from './resolve.ts';
import { clauseSql, type Scope } from './scope.ts';
import type { Tree } from './tree.ts';

/** A set of conditions made ready to be answered for many pairs by one statement. */
export interface Plan {
  /** One per condition, in order. */
  trees: Tree[];
  needs: Needs;
  /** Whether SQL has anything to answer. */
  isEmpty: boolean;
  /** Answers (ordinal, steady, during, asked, activity) for the rows `s` of the relation; or `asked` alone. */
  select(relation: Prisma.Sql, which: 'all' | 'asked'): Prisma.Sql;
}

/** concat() takes no more arguments than this. */
const mostArguments = 100;

/** Compiles conditions; parts that say the same are asked once. */
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
  let activity: Prisma.Sql | undefined;
  const known = new Map<string, Tree>();

  function toTree(condition: Condition): Tree {
    const key = JSON.stringify(condition);
    const tree = known.get(key) ?? makeTree(condition);
    known.set(key, tree);
    return tree;
  }

  /** What is steady is one column, however much it is made of; the rest is put together outside SQL. */
  function makeTree(condition: Condition): Tree {
    if ('place' in condition) return condition;
    if ('risk' in condition) {
      const { model } = condition.risk;
      activity ??= model.mode === 'ACTIVITY' ? activitySql(model, scope) : scope.subscription();
      return condition;
    }
    if (!isAnsweredHere(condition)) {
      const said = sayIn(scope, condition);
      if (said.isSteady) return { steady: steady.push(said.holds) - 1 };
    }
    if ('all' in condition) return { all: condition.all.map(toTree) };
    if ('any' in condition) return { any: condition.any.map(toTree) };
    if ('not' in condition) return { not: toTree(condition.not) };
    return toLeaf(clauseSql(condition, scope), clauseSql(condition, again));
  }

  function toLeaf(clause: ClauseSql, repeated: ClauseSql): Tree {
    if ('not' in clause && 'not' in repeated) return { not: toLeaf(clause.not, repeated.not) };
    if ('since' in clause) return { during: during.push(boundsSql(clause)) - 1 };
    if (!('holds' in clause && 'holds' in repeated)) throw new Error('A clause is not what it was');
    askedAgain.push(answerSql(repeated));
    return { asked: asked.push(answerSql(clause)) - 1 };
  }

  const trees = conditions.map(toTree);
  return {
    trees,
    needs: scope.needs,
    isEmpty: steady.length + during.length + asked.length === 0 && !activity,
    select: (relation, which) =>
      which === 'all'
        ? Prisma.sql`select s.ordinal, ${letters(steady)} as steady, ${numbers(during)} as during,
            ${numbers(asked)} as asked ${activity ? Prisma.sql`, ${activity} as activity` : Prisma.empty}
            from ${relation} ${scope.joins()}`
        : Prisma.sql`select s.ordinal, ${numbers(askedAgain)} as asked
            from ${relation} ${again.joins()}`,
  };
}

const numbers = (answers: Prisma.Sql[]) =>
  Prisma.sql`array[${answers.length > 0 ? Prisma.join(answers) : Prisma.empty}]::float8[]`;

function letters(truths: Prisma.Sql[]): Prisma.Sql {
  const parts = [Prisma.sql`''`];
  for (let from = 0; from < truths.length; from += mostArguments) {
    parts.push(Prisma.sql`concat(${Prisma.join(truths.slice(from, from + mostArguments))})`);
  }
  return Prisma.join(parts, ' || ');
}

/** Whether some part of it is about a place or a risk, which SQL is not asked. */
export function isAnsweredHere(condition: Condition): boolean {
  if ('all' in condition) return condition.all.some(isAnsweredHere);
  if ('any' in condition) return condition.any.some(isAnsweredHere);
  if ('not' in condition) return isAnsweredHere(condition.not);
  return 'place' in condition || 'risk' in condition;
}

/** A condition in SQL: whether it holds, and whether time alone can change that. */
interface Said {
  isSteady: boolean;
  holds: Prisma.Sql;
}

/** Says a condition in SQL, clause by clause in the scope given. */
export function sayIn(scope: Scope, condition: Condition): Said {
  if ('all' in condition) return combined(scope, condition.all, ' and ', 'true');
  if ('any' in condition) return combined(scope, condition.any, ' or ', 'false');
  if ('not' in condition) {
    const { isSteady, holds } = sayIn(scope, condition.not);
    return { isSteady, holds: Prisma.sql`not (${holds})` };
  }
  const clause: ClauseSql = clauseSql(condition, scope);
  return { isSteady: isSteady(clause), holds: Prisma.sql`(${holdsSql(clause, scope.at)})` };
}

function combined(scope: Scope, conditions: Condition[], word: string, ofNone: string): Said {
  const parts = conditions.map((part) => sayIn(scope, part));
  if (parts.length === 0) return { isSteady: true, holds: Prisma.raw(ofNone) };
  const holds = Prisma.join(
    parts.map((part) => part.holds),
    word,
  );
  return {
    isSteady: parts.every((part) => part.isSteady),
    holds: Prisma.sql`(${holds})`,
  };
}

/** The answer to a condition in SQL, as the number described at `Answer`. */
export function answerIn(scope: Scope, condition: Condition): Prisma.Sql {
  const said = sayIn(scope, condition);
  if (said.isSteady) return forEverSql(said.holds);
  const each = (parts: Condition[]) => Prisma.join(parts.map((part) => answerIn(scope, part)));
  if ('all' in condition) return Prisma.sql`least(${each(condition.all)})`;
  if ('any' in condition) return Prisma.sql`greatest(${each(condition.any)})`;
  if ('not' in condition) return Prisma.sql`- (${answerIn(scope, condition.not)})`;
  return Prisma.sql`(${answerAtSql(clauseSql(condition, scope), scope.at)})`;
}
