import { afterEach, expect, it } from 'vitest';
import { answerCondition, type TimedAnswer } from '../../../src/engine/conditions/answer.ts';
import type { Filter } from '../../../src/engine/conditions/filter.ts';
import { countMatchesAt } from '../../../src/engine/conditions/history.ts';
import { parseFilter } from '../../../src/engine/conditions/parse-filter.ts';
import { resolveFilter } from '../../../src/engine/conditions/resolve.ts';
import { loadVocabulary } from '../../../src/engine/conditions/vocabulary.ts';
import type { Transaction } from '../../../src/platform/database.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fitModel, passImportLease } from '../../support/churn-models.ts';
import { begin, createShopWorkspace, day } from '../../support/churn-shop.ts';
import { useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const filters: Filter[] = [
  { risk: { score: { atLeast: 0.6 } } },
  { risk: { score: { between: { from: 0.3, to: 0.9 } } } },
  { risk: { pAlive: { below: 0.5 } } },
  { risk: { pAlive: { between: { from: 0.2, to: 0.8 } } } },
  { risk: { band: { in: ['HIGH', 'LAPSED'] } } },
  { risk: { band: { in: ['HIGH', 'LAPSED'], forAtLeast: 'P10D' } } },
  { risk: { band: { notIn: ['LOW'] } } },
  { risk: { flagged: true } },
  { all: [{ risk: { score: { atLeast: 0.2 } } }, { fact: { orderCount: { atLeast: 2 } } }] },
];

const instants = Array.from({ length: 12 }, (_, index) => new Date(begin + index * 47 * day));

/** When each customer was first seen. */
async function loadFirstSeen(db: Transaction) {
  const { rows } = await db.query<{ id: string; at: Date }>(sql`
    select id, first_seen_at as at from customer where workspace_id = ${db.workspaceId}::uuid`);
  return rows;
}

it('counts past members by risk like an evaluation of each customer at each instant', async () => {
  const { workspace } = await createShopWorkspace(server, 150);
  passImportLease(server);
  await fitModel(workspace);
  const asker = { workspaceId: workspace.id, timeZone: workspace.timeZone };
  await server.database.inWorkspace(workspace.id, async (db) => {
    const vocabulary = await loadVocabulary(db);
    const seen = await loadFirstSeen(db);
    const questions = instants.flatMap((at) =>
      seen.filter((one) => one.at <= at).map(({ id }) => ({ customerId: id, at })),
    );
    const customersAt = Map.groupBy(questions, ({ at }) => at.getTime());
    for (const filter of filters) {
      const condition = resolveFilter(parseFilter(filter), vocabulary);
      const answers = await answerCondition(db, asker, condition, questions);
      const held = new Map<Date, number>();
      for (const [index, { at }] of questions.entries()) {
        if ((answers[index] as TimedAnswer).holds) held.set(at, (held.get(at) ?? 0) + 1);
      }

      const counts = await countMatchesAt(db, asker, condition, instants);

      const expected = instants.map((at) => ({
        at,
        customers: customersAt.get(at.getTime())?.length ?? 0,
        count: held.get(at) ?? 0,
      }));
      expect(counts, JSON.stringify(filter)).toEqual(expected);
    }
  });
});

it('refuses a filter by past lifetime value', async () => {
  const { workspace } = await createShopWorkspace(server, 150);
  passImportLease(server);
  await fitModel(workspace);

  const past = workspace.query(
    `{ segmentHistory(where: { lifetimeValue: { atLeast: 2000 } }, from: "2026-05-01T00:00:00Z",
      to: "2026-05-03T00:00:00Z", grain: DAY) { count } }`,
  );

  await expect(past).rejects.toThrow(/INVALID_FILTER/);
});
