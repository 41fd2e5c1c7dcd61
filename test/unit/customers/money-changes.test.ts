import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMoneySums, moneyChangesOf } from '../../../src/engine/customers/money-changes.ts';

const limit = 10n ** 18n - 1n;

const sumOf = (customerId: string, amount: bigint, currency = 'USD') => ({
  customerId,
  currency,
  column: 'gross_revenue',
  amount,
});

it('adds an order to the revenue and a refund to what is given back, in its currency', () => {
  const event = { amount: 5n, currency: 'EUR' };

  expect(moneyChangesOf({ ...event, effect: 'order' }, 'c')).toEqual([sumOf('c', 5n, 'EUR')]);
  expect(moneyChangesOf({ ...event, effect: 'refund' }, 'c')).toEqual([
    { ...sumOf('c', 5n, 'EUR'), column: 'refunded' },
  ]);
  expect(moneyChangesOf({ ...event, effect: 'order_updated' }, 'c')).toEqual([]);
  expect(moneyChangesOf({ effect: 'order', amount: null, currency: null }, 'c')).toEqual([]);
});

it('adds all changes of an event or none', () => {
  const sums = createMoneySums([sumOf('c', limit - 10n)]);

  expect(sums.add([sumOf('c', 5n), sumOf('d', limit + 1n)])).toBe(false);
  expect(sums.add([sumOf('c', 10n)])).toBe(true);
  expect(sums.add([sumOf('c', 1n)])).toBe(false);
  expect(sums.add([sumOf('c', 1n), sumOf('c', -1n)])).toBe(true);
});

it('accepts what lowers a sum that a merge has raised beyond the maximum', () => {
  const sums = createMoneySums([sumOf('c', limit + 5n)]);

  expect(sums.add([sumOf('c', -1n)])).toBe(true);
  expect(sums.add([sumOf('c', 0n)])).toBe(true);
  expect(sums.add([sumOf('c', 1n)])).toBe(false);
});

const changes = fc.record({
  customerId: fc.constantFrom('c', 'd'),
  currency: fc.constantFrom('USD', 'EUR'),
  column: fc.constantFrom('gross_revenue', 'refunded'),
  amount: fc.bigInt({ min: -(10n ** 17n), max: limit / 3n }),
});

it('keeps every sum within the maximum and refuses nothing that fits', () => {
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 40 }), (added) => {
      const sums = createMoneySums([]);
      const accepted: typeof added = [];
      const total = (of: (typeof added)[number]) =>
        accepted
          .filter((one) => JSON.stringify(keyOf(one)) === JSON.stringify(keyOf(of)))
          .reduce((sum, { amount }) => sum + amount, 0n);

      for (const change of added) {
        const fits = change.amount <= 0n || total(change) + change.amount <= limit;
        expect(sums.add([change])).toBe(fits);
        if (fits) accepted.push(change);
      }
    }),
  );
});

const keyOf = ({
  customerId,
  currency,
  column,
}: {
  customerId: string;
  currency: string;
  column: string;
}) => [customerId, currency, column];
