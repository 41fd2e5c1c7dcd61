import { Prisma } from '../../../prisma/generated/client.ts';
import { type ClauseSql, holdsSql } from './clause.ts';
import { compareText, given, isInRange } from './compare.ts';
import {
  compareMeasure,
  countSteps,
  isMetByNone,
  isWithin,
  matchingEvents,
  measureSql,
  rollingSpan,
} from './event-clause.ts';
import type { DidCondition, IdentityCondition, NumberComparison } from './filter.ts';
import { placementHolds } from './placement-sql.ts';
import type { Scope } from './scope.ts';

/**
 * Answers conditions for all customers `c` at one instant, as sets: whoever did something is looked up
 * once, not customer by customer.
 */
export function createBulkScope(options: {
  workspaceId: string;
  timeZone: string;
  now: Date;
}): Scope {
  const { workspaceId, timeZone, now } = options;
  const at = Prisma.sql`${now}::timestamptz`;

  /** Whoever, merged customers followed, has matching events that `having` accepts. */
  function doers(condition: DidCondition, having: Prisma.Sql | undefined): Prisma.Sql {
    const span = rollingSpan(condition, timeZone);
    const owner = Prisma.sql`coalesce(m.merged_into, e.customer_id)`;
    return Prisma.sql`c.id in (
      select ${owner} from event e
      left join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = e.customer_id
        and m.merged_into is not null
      where e.workspace_id = ${workspaceId}::uuid and ${matchingEvents(condition, timeZone)}
        ${span ? Prisma.sql`and ${isWithin(at, span, timeZone)}` : Prisma.empty}
      ${having ? Prisma.sql`group by 1 having ${having}` : Prisma.empty})`;
  }

  function didCount(condition: DidCondition, comparison: NumberComparison): Prisma.Sql {
    const { from, below, negated } = countSteps(comparison);
    const atLeast = (count: number) => {
      if (count <= 0) return Prisma.sql`true`;
      if (count === 1) return doers(condition, undefined);
      return doers(condition, Prisma.sql`count(*) >= ${count}::bigint`);
    };
    const upTo = below === undefined ? Prisma.empty : Prisma.sql`and not ${atLeast(below)}`;
    const holds = Prisma.sql`(${atLeast(from)} ${upTo})`;
    return negated ? Prisma.sql`not ${holds}` : holds;
  }

  function did(condition: DidCondition): ClauseSql {
    const { measure = { count: { atLeast: 1 } } } = condition;
    const [kind, operand] = given(measure);
    if (kind === 'count') return { steady: didCount(condition, operand) };
    const clause = compareMeasure(measureSql(condition), condition, timeZone);
    const holds = holdsSql(clause, at);
    if (!isMetByNone(condition)) return { steady: doers(condition, holds) };
    // Who did nothing has a sum of zero, and is no row to be found.
    return { steady: Prisma.sql`not ${doers(condition, Prisma.sql`not (${holds})`)}` };
  }

  function identity({ kind, value }: IdentityCondition): ClauseSql {
    const meets = value ? Prisma.sql`and ${compareText(Prisma.sql`i.value`, value)}` : Prisma.empty;
    return {
      steady: Prisma.sql`c.id in (
        select coalesce(m.merged_into, m.id) from identity i
        join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = i.customer_id
        where i.workspace_id = ${workspaceId}::uuid and i.kind = ${kind}::text ${meets})`,
    };
  }

  return {
    workspaceId,
    timeZone,
    at,
    isPast: false,
    column: (name) => Prisma.raw(`c.${name}`),
    trait: (name) => Prisma.sql`(c.traits -> ${name}::text)`,
    did,
    identity,
    isIn: ({ from, where, customerId }) => ({
      steady: Prisma.sql`c.id in (select ${customerId} from ${from} where ${where})`,
    }),
    placement: (condition) => ({
      steady: placementHolds(condition, { workspaceId, timeZone, at }),
    }),
    isWithin: (valueAt, range) => ({ steady: isInRange(valueAt(at), range) }),
  };
}
