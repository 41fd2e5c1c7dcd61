import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { domains } from '../../../src/domains.ts';
import { noAbsentData } from '../../../src/engine/conditions/absent-data.ts';
import { answerCondition } from '../../../src/engine/conditions/answer.ts';
import { answerUntil, permanentAnswer } from '../../../src/engine/conditions/clause.ts';
import type { ConditionKind } from '../../../src/engine/conditions/condition.ts';
import type { FilterClause } from '../../../src/engine/conditions/filter-clause.ts';
import { countMatchesAt } from '../../../src/engine/conditions/history.ts';
import { narrow } from '../../../src/engine/conditions/narrow.ts';
import { parseFilter } from '../../../src/engine/conditions/parse-filter.ts';
import { resolveFilter } from '../../../src/engine/conditions/resolve.ts';
import { loadVocabulary } from '../../../src/engine/conditions/vocabulary.ts';
import { conditionSql } from '../../../src/engine/conditions/where.ts';
import { explain } from '../../../src/engine/evaluation/explain.ts';
import { installExtensions } from '../../../src/engine/extensions.ts';
import type { Transaction } from '../../../src/platform/database.ts';
import { sql } from '../../../src/platform/sql.ts';
import { day, order } from '../../support/churn-shop.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

// Installs domains of its own: the modules that remember those installed are loaded anew, here and for the next file.
vi.hoisted(() => vi.resetModules());
afterAll(() => vi.resetModules());

const Points = z.strictObject({ atLeast: z.number() });
type Points = z.infer<typeof Points>;

const validity = 30 * day;

/** A domain for this test: ten points for each order, all valid for 30 days after the last order. */
const pointsKind: ConditionKind<Points> = {
  name: 'points',
  compile: ({ atLeast }, scope) =>
    scope.isValueInRange(
      (at) => sql`case when ${at} < ${scope.column('last_order_at')} + interval '30 days'
        then ${scope.column('orders')} * 10 else 0 end`,
      { from: atLeast, below: Number.POSITIVE_INFINITY },
    ),
  inMemory: {
    load: {
      column: 'points',
      compile: (_points, scope) => sql`json_build_object('orders', ${scope.column('orders')},
        'last', extract(epoch from ${scope.column('last_order_at')}) * 1000)`,
    },
    answer({ atLeast }, loaded, { at }) {
      const { orders, last } = loaded as { orders: number; last: number | null };
      const end = last === null ? at : last + validity;
      return orders * 10 >= atLeast && at < end ? answerUntil(true, end) : permanentAnswer(false);
    },
  },
  answerWithout: (_points, { columns }) => (columns.has('last_order_at') ? false : undefined),
};

const pointsClause: FilterClause<Points> = {
  name: 'points',
  input: Points,
  resolve: (data) => ({ kind: pointsKind, data }),
  explain: async ({ atLeast }) => ({ actual: `compared with ${atLeast}` }),
};

installExtensions([
  ...domains.map(({ extension }) => extension),
  { name: 'loyalty', clauses: [pointsClause] },
]);

const server = useServer();
const noon = Date.UTC(2026, 0, 10, 12);
const filter = parseFilter({ points: { atLeast: 20 } });

let workspace: TestWorkspace;

beforeEach(async () => {
  server.clock.now = new Date(noon + 5 * day);
  workspace = await newWorkspace(server);
  await workspace.send([
    order('ada', noon - day, 10),
    order('ada', noon, 10),
    order('bob', noon, 10),
  ]);
});

const inWorkspace = <Result>(work: (db: Transaction) => Promise<Result>) =>
  server.database.inWorkspace(workspace.id, work);

async function resolved(db: Transaction) {
  return resolveFilter(filter, await loadVocabulary(db));
}

async function findId(db: Transaction, userId: string): Promise<string> {
  const { rows } = await db.query<{ id: string }>(sql`
    select id from customer where user_id = ${userId}`);
  const [row] = rows;
  if (!row) throw new Error(`There is no customer ${userId}`);
  return row.id;
}

it("parses the clause of a domain by the domain's shape", () => {
  expect(filter).toEqual({ points: { atLeast: 20 } });
  expect(() => parseFilter({ not: { points: { atLeast: 'many' } } })).toThrow(
    /^where\.not\.points\.atLeast: /,
  );
});

it('compiles the clause of a domain to find customers', async () => {
  const { rows } = await inWorkspace(async (db) => {
    const condition = await resolved(db);
    const holds = conditionSql(condition, {
      workspaceId: workspace.id,
      timeZone: workspace.timeZone,
      now: new Date(noon + day),
    });
    return db.query<{ user_id: string }>(sql`select user_id from customer c where ${holds}`);
  });

  expect(rows).toEqual([{ user_id: 'ada' }]);
});

it('evaluates the clause of a domain in memory, with its next change', async () => {
  const answers = await inWorkspace(async (db) => {
    const asker = { workspaceId: workspace.id, timeZone: workspace.timeZone };
    const points = ['ada', 'bob'].map(async (userId) => ({
      customerId: await findId(db, userId),
      at: new Date(noon + 5 * day),
    }));
    return answerCondition(db, asker, await resolved(db), await Promise.all(points));
  });

  expect(answers).toEqual([
    { holds: true, nextChangeAt: new Date(noon + validity) },
    { holds: false, nextChangeAt: null },
  ]);
});

it('counts customers by the clause of a domain in the past', async () => {
  const instants = [noon - 2 * day, noon - day, noon, noon + validity - 1, noon + validity];
  const counts = await inWorkspace(async (db) => {
    const asker = { workspaceId: workspace.id, timeZone: workspace.timeZone };
    const at = instants.map((instant) => new Date(instant));
    return countMatchesAt(db, asker, await resolved(db), at);
  });

  expect(counts.map(({ count }) => count)).toEqual([0, 0, 1, 1, 0]);
});

it('explains the clause of a domain', async () => {
  const explanations = await inWorkspace(async (db) => {
    const vocabulary = await loadVocabulary(db);
    const customerId = await findId(db, 'ada');
    const at = new Date(noon + 5 * day);
    return explain(db, vocabulary, { not: filter }, { customerId, at });
  });

  expect(explanations).toMatchObject([
    { path: '', holds: false, actual: null },
    { path: 'not', holds: true, actual: 'compared with 20', clause: filter },
  ]);
});

it('omits the clause of a domain for customers without the data', async () => {
  const condition = await inWorkspace(resolved);
  const absent = { ...noAbsentData, columns: new Set(['last_order_at'] as const) };

  expect(narrow({ not: condition }, absent)).toEqual({ all: [] });
});
