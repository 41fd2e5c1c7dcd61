import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pAliveSql, scoreSql, silentSql } from '../../../src/domains/churn/filter/risk-sql.ts';
import { type Activity, historyAt } from '../../../src/domains/churn/risk/activity.ts';
import type { PurchaseRiskModel } from '../../../src/domains/churn/risk/risk-model.ts';
import { pAliveAt, scoreAt } from '../../../src/domains/churn/risk/score.ts';
import { rawSql, sql } from '../../../src/platform/sql.ts';
import { mbgNbd } from '../../../src/statistics/models/mbg-nbd.ts';
import { day } from '../../support/churn-shop.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const positive = (max: number) => fc.double({ min: 0.01, max, noNaN: true });

const model: fc.Arbitrary<PurchaseRiskModel & { mode: 'ACTIVITY' }> = fc.record({
  mode: fc.constant('ACTIVITY'),
  activity: fc.constant('PURCHASES'),
  horizonDays: fc.integer({ min: 1, max: 365 }),
  parameters: fc.record({
    r: positive(10),
    alpha: positive(200),
    a: positive(10),
    b: positive(10),
  }),
  calibration: fc.record({
    // A flatter slope would amplify the rounding of raw scores near 1.
    slope: fc.double({ min: 0.5, max: 3, noNaN: true }),
    intercept: fc.double({ min: -3, max: 3, noNaN: true }),
  }),
  bands: fc.constant({
    MEDIUM: { enter: 0.4, exit: 0.3 },
    HIGH: { enter: 0.6, exit: 0.5 },
    LAPSED: { enter: 0.9, exit: 0.8 },
  }),
  spend: fc.constant(null),
});

const first = Date.UTC(2025, 0, 1);
const upTo = (days: number) => fc.integer({ min: 0, max: days * day });

/** A customer's activity and a later instant. */
const known = fc
  .record({ x: fc.nat({ max: 200 }), between: upTo(900), silent: upTo(900) })
  .map(({ x, between, silent }) => {
    const last = first + (x === 0 ? between % day : between);
    const activity: Activity = { x, first, last, valuedDays: 0, repeatValue: 0 };
    return { activity, at: last + silent };
  });

interface Probabilities {
  alive: number;
  silent: number;
  score: number;
}

const inTypeScript = (
  purchases: PurchaseRiskModel,
  { activity, at }: { activity: Activity; at: number },
): Probabilities => ({
  alive: pAliveAt(purchases, activity, at),
  silent: mbgNbd.pSilent(purchases.parameters, historyAt(activity, at), purchases.horizonDays),
  score: scoreAt(purchases, activity, at),
});

it('computes the probabilities of MBG/NBD in SQL as in TypeScript', async () => {
  const workspace = await newWorkspace(server);
  await server.database.inWorkspace(workspace.id, async (db) => {
    const property = fc.asyncProperty(
      model,
      fc.array(known, { minLength: 1, maxLength: 20 }),
      async (purchases, customers) => {
        const scope = {
          at: sql`c.at`,
          column: (name: string) => rawSql(`c.${name}`),
        };
        const { rows } = await db.query<Probabilities>(sql`
          select ${pAliveSql(purchases, scope)} as alive, ${silentSql(purchases, scope)} as silent,
            ${scoreSql(purchases, scope)} as score
          from unnest(${customers.map(({ activity }) => activity.x + 1)}::integer[],
            ${customers.map(({ activity }) => new Date(activity.first))}::timestamptz[],
            ${customers.map(({ activity }) => new Date(activity.last))}::timestamptz[],
            ${customers.map(({ at }) => new Date(at))}::timestamptz[]) with ordinality
            as c (order_days, first_order_at, last_order_at, at, ordinal) order by c.ordinal`);

        expect(rows).toHaveLength(customers.length);
        for (const [index, row] of rows.entries()) {
          const customer = customers[index];
          if (!customer) throw new Error('There are more rows than customers');
          const expected = inTypeScript(purchases, customer);
          expect(row.alive).toBeCloseTo(expected.alive, 9);
          expect(row.silent).toBeCloseTo(expected.silent, 9);
          expect(row.score).toBeCloseTo(expected.score, 6);
        }
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });
});
