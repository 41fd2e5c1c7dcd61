import { Prisma } from '../../prisma/generated/client.ts';
import { always, beginning, type ClauseSql } from './clause.ts';
import { compareInstant, compareText, known } from './compare.ts';
import { compareMeasure, matchingEvents, measureSql } from './event-clause.ts';
import type { DidCondition, IdentityCondition } from './filter.ts';
import { createPairScope } from './pair-scope.ts';
import type { PlaceCondition } from './resolve.ts';
import { createRunning, type Running, soFar } from './running.ts';
import type { Scope } from './scope.ts';

export interface HistoryScope extends Scope {
  running: Running;
  /** The look-ups that the clauses compiled so far refer to, to follow the relation `s`. */
  joins(): Prisma.Sql;
}

/**
 * Answers conditions for pairs `s` of (customer, instant) from what is carried along the customer's
 * happenings; only windows that move, and counts of distinct values, are looked up pair by pair.
 */
export function createHistoryScope(options: {
  workspaceId: string;
  timeZone: string;
}): HistoryScope {
  const { timeZone } = options;
  const pairs = createPairScope({ ...options, source: 'past' });
  const running = createRunning(options);

  function did(condition: DidCondition): ClauseSql {
    const { window, measure } = condition;
    if (window?.within !== undefined || measure?.distinct) return pairs.did(condition);
    const matching = Prisma.sql`filter (where ${matchingEvents(condition, timeZone)}) ${soFar}`;
    const { measure: _compared, ...events } = condition;
    const [kind] = Object.keys(measure ?? { count: true });
    const property = measure?.sum ?? measure?.min ?? measure?.max;
    const key = JSON.stringify([events, kind, property?.property]);
    const value = running.column(key, measureSql(condition, matching));
    return compareMeasure(value, condition, timeZone);
  }

  function identity(condition: IdentityCondition): ClauseSql {
    const { kind, value } = condition;
    const meets = value ? Prisma.sql`and ${compareText(Prisma.sql`e.value`, value)}` : Prisma.empty;
    const isCalled = Prisma.sql`bool_or(e.called = ${kind}::text ${meets}) ${soFar}`;
    return { steady: known(running.column(JSON.stringify(condition), isCalled)) };
  }

  function place({ lifecycleId, stages, limit }: PlaceCondition): ClauseSql {
    const isItsMove = Prisma.sql`e.place = ${lifecycleId}::text`;
    const key = JSON.stringify([lifecycleId, stages]);
    const isThere = known(
      running.column(
        `in ${key}`,
        // The greatest is the last one; whether it leads there is its third element.
        Prisma.sql`(max(array[date_part('epoch', e.occurred_at), e.position,
          (e.to_stage = any(${stages}::text[]))::integer]::float8[])
          filter (where ${isItsMove}) ${soFar})[3] = 1`,
      ),
    );
    if (!limit) return { steady: isThere };
    if ('forAtLeast' in limit || 'enteredWithin' in limit) {
      const last = Prisma.sql`max(e.occurred_at) filter (where ${isItsMove}) ${soFar}`;
      const since = Prisma.sql`case when ${isThere}
        then ${running.column(`since ${lifecycleId}`, last)} end`;
      return 'forAtLeast' in limit
        ? compareInstant(since, { olderThan: limit.forAtLeast }, timeZone)
        : compareInstant(since, { withinLast: limit.enteredWithin }, timeZone);
    }
    const left = running.column(
      `left ${key}`,
      Prisma.sql`max(e.occurred_at) filter (where ${isItsMove}
        and e.from_stage = any(${stages}::text[])) ${soFar}`,
    );
    if ('ever' in limit) return { steady: Prisma.sql`(${isThere} or ${left} is not null)` };
    const lately = compareInstant(left, { withinLast: limit.within }, timeZone);
    if (!('since' in lately)) throw new Error('What was left lately is left during a time');
    return {
      since: Prisma.sql`case when ${isThere} then ${beginning} else ${lately.since} end`,
      until: Prisma.sql`case when ${isThere} then ${always} else ${lately.until} end`,
    };
  }

  return {
    ...pairs,
    past: true,
    running,
    column: (name) => running.fact(name),
    trait: (name) => running.trait(name),
    did,
    identity,
    place,
  };
}
