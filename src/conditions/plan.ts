import { Prisma } from '../../prisma/generated/client.ts';
import { answerSql, type ClauseSql, holdsSql, isSteady } from './clause.ts';
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
  /** Answers (ordinal, steady, timed) for the rows `s` of the relation; or what time can change alone. */
  select(relation: Prisma.Sql, scope: 'all' | 'timed'): Prisma.Sql;
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
  const timed: Prisma.Sql[] = [];
  const again = createPairScope(options);
  const timedAgain: Prisma.Sql[] = [];
  const known = new Map<string, Tree>();

  function toTree(condition: Condition): Tree {
    const key = JSON.stringify(condition);
    const tree = known.get(key) ?? makeTree(condition);
    known.set(key, tree);
    return tree;
  }

  function makeTree(condition: Condition): Tree {
    if ('place' in condition) return condition;
    if (hasPlace(condition)) return withPlaces(condition);
    const said = sayIn(scope, condition);
    if (said.isSteady) return { steady: steady.push(said.holds()) - 1 };
    timedAgain.push(sayIn(again, condition).answer());
    return { timed: timed.push(said.answer()) - 1 };
  }

  function withPlaces(condition: Condition): Tree {
    if ('all' in condition) return { all: condition.all.map(toTree) };
    if ('any' in condition) return { any: condition.any.map(toTree) };
    if ('not' in condition) return { not: toTree(condition.not) };
    throw new Error('A clause about a place was taken for another one');
  }

  const trees = conditions.map(toTree);
  return {
    trees,
    needs: scope.needs,
    isEmpty: steady.length + timed.length === 0,
    select: (relation, which) =>
      which === 'all'
        ? Prisma.sql`select s.ordinal, ${letters(steady)} as steady, ${numbers(timed)} as timed
            from ${relation} ${scope.joins()}`
        : Prisma.sql`select s.ordinal, '' as steady, ${numbers(timedAgain)} as timed
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

export function hasPlace(condition: Condition): boolean {
  if ('all' in condition) return condition.all.some(hasPlace);
  if ('any' in condition) return condition.any.some(hasPlace);
  if ('not' in condition) return hasPlace(condition.not);
  return 'place' in condition;
}

/** A condition in SQL: whether it holds, or its answer as the one number that also tells until when. */
interface Said {
  isSteady: boolean;
  holds(): Prisma.Sql;
  answer(): Prisma.Sql;
}

/** Says a condition in SQL, clause by clause in the scope given. */
export function sayIn(scope: Scope, condition: Condition): Said {
  if ('all' in condition) {
    return combined(scope, condition.all, { and: ' and ', of: 'least', none: 'true' });
  }
  if ('any' in condition) {
    return combined(scope, condition.any, { and: ' or ', of: 'greatest', none: 'false' });
  }
  if ('not' in condition) {
    const part = sayIn(scope, condition.not);
    return {
      isSteady: part.isSteady,
      holds: () => Prisma.sql`not (${part.holds()})`,
      answer: () => Prisma.sql`- (${part.answer()})`,
    };
  }
  const clause: ClauseSql = clauseSql(condition, scope);
  return {
    isSteady: isSteady(clause),
    holds: () => Prisma.sql`(${holdsSql(clause, scope.at)})`,
    answer: () => answerSql(clause, scope.at),
  };
}

function combined(
  scope: Scope,
  conditions: Condition[],
  { and, of, none }: { and: string; of: string; none: 'true' | 'false' },
): Said {
  const parts = conditions.map((part) => sayIn(scope, part));
  if (parts.length === 0) {
    const holds = Prisma.raw(none);
    const infinite = Prisma.raw(`'${none === 'true' ? '' : '-'}infinity'::float8`);
    return { isSteady: true, holds: () => holds, answer: () => infinite };
  }
  return {
    isSteady: parts.every((part) => part.isSteady),
    holds: () =>
      Prisma.sql`(${Prisma.join(
        parts.map((part) => part.holds()),
        and,
      )})`,
    answer: () => Prisma.sql`${Prisma.raw(of)}(${Prisma.join(parts.map((part) => part.answer()))})`,
  };
}
