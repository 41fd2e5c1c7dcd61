import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { priceOf } from '../../../schema/kernel/cost.ts';
import { createMeter } from '../../../schema/kernel/meter.ts';
import { schema } from '../../support/schema.ts';

const price = (text: string, variableValues: object = {}) => {
  const contextValue = { meter: createMeter(0), now: () => new Date('2026-01-01T00:00:00Z') };
  const args = { schema, document: parse(text), contextValue, variableValues };
  return priceOf(args as Parameters<typeof priceOf>[0]).complexity;
};

const ids = (count: number) => Array.from({ length: count }, (_, index) => `"${index}"`).join();

it.each([
  ['first', (size: number) => `{ customers(first: ${size}) { nodes { id name } } }`],
  ['last', (size: number) => `{ customers(last: ${size}) { nodes { id name } } }`],
  [
    'nodes(ids)',
    (size: number) => `{ nodes(ids: [${ids(size)}]) { id ... on Customer { name } } }`,
  ],
])('prices a list with %s by its page size', (_which, query) => {
  const [one, two, hundred] = [1, 2, 100].map((size) => price(query(size))) as [
    number,
    number,
    number,
  ];

  expect(two).toBeGreaterThan(one);
  expect(hundred - one).toBe(99 * (two - one));
});

it('prices a page whose size is a variable by its value', () => {
  const query = 'query ($size: Int) { customers(last: $size) { nodes { id name } } }';

  expect(price(query, { size: 100 })).toBe(
    price('{ customers(first: 100) { nodes { id name } } }'),
  );
});
