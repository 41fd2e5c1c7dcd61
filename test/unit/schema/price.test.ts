import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { priceOf, requireAffordable } from '../../../schema/kernel/cost.ts';
import { createMeter } from '../../../schema/kernel/meter.ts';
import { schema } from '../../support/schema.ts';

function price(text: string, customers: number) {
  const meter = createMeter(customers);
  const contextValue = { meter, now: () => new Date('2026-01-01T00:00:00Z') };
  return { meter, found: priceOf({ schema, document: parse(text), contextValue }) };
}

const history = (from: string, grain: string) =>
  `{ segmentHistory(where: { fact: { orderCount: { atLeast: 1 } } }, from: "${from}", grain: ${grain}) { count } }`;
const refusal = ({ meter, found }: ReturnType<typeof price>) => {
  try {
    requireAffordable(found, meter);
    return undefined;
  } catch (error) {
    return error as { message: string; extensions: object };
  }
};

it.each([
  ['segmentHistory', history('2025-12-31T00:00:00Z', 'HOUR'), 6.25],
  ['stageFlow', '{ stageFlow(from: "2025-01-01T00:00:00Z") { links { moves } } }', 5],
  ['timeInStage', '{ timeInStage { stageKey } }', 5],
  [
    'churnBacktest',
    '{ churnBacktest(calibrationEnd: "2025-01-01T00:00:00Z", model: PARETO_NBD) { __typename } }',
    30,
  ],
  ['a search', '{ customers(search: "ada") { nodes { id } } }', 1],
  ['the number of all customers', '{ customers { totalCount } }', 1],
  [
    'the same field under two aliases',
    '{ a: timeInStage { stageKey } b: timeInStage { stageKey } }',
    10,
  ],
])('prices %s by the rows that it scans', (_what, text, rowsPerCustomer) => {
  expect(price(text, 1_000).found.rows).toBe(rowsPerCustomer * 1_000);
  expect(price(text, 0).found).toMatchObject({ rows: 0, scans: true });
});

it('prices a list of customers by its page only', () => {
  expect(price('{ customers(first: 10) { nodes { id } } }', 1_000_000).found).toMatchObject({
    rows: 0,
    scans: false,
  });
});

it('prices the count beside a page once, however long the page is', () => {
  const [short, long] = [1, 100].map(
    (first) => price(`{ customers(first: ${first}) { totalCount } }`, 1_000_000).found,
  );

  expect(long?.complexity).toBe((short?.complexity ?? 0) + 99);
  expect(long?.complexity).toBeLessThan(5_000);
});

it('allows a history of 400 points for about twenty thousand customers', () => {
  expect(refusal(price(history('2025-12-15T09:00:00Z', 'HOUR'), 23_570))).toBeUndefined();
});

it('refuses a history of 400 points for a million customers, with the estimate and advice', () => {
  const refused = refusal(price(history('2025-12-15T09:00:00Z', 'HOUR'), 1_000_000));

  expect(refused?.message).toContain('25000000 rows');
  expect(refused?.message).toContain('coarser `grain`');
  expect(refused?.extensions).toMatchObject({
    code: 'QUERY_TOO_COMPLEX',
    found: { rows: 25_000_000 },
    limit: { complexity: 50_000 },
  });
});
