import { expect, it } from 'vitest';
import {
  applyToCustomer,
  displayName,
  newCustomerState,
  type StateEvent,
} from '../../../src/engine/customers/state.ts';

const workspace = { timeZone: 'UTC', currency: 'USD' };
const at = (time: string) => new Date(`2024-05-01T${time}Z`);

const event = (time: string, change: Partial<StateEvent> = {}): StateEvent => ({
  kind: 'track',
  name: 'Tried',
  origin: 'CUSTOMER',
  effect: null,
  occurredAt: at(time),
  amount: null,
  currency: null,
  names: [],
  traits: null,
  ...change,
});

/** The state of a customer after these events in this order. */
function customerOf(...events: StateEvent[]) {
  const [first] = events;
  const state = newCustomerState('c', first?.occurredAt ?? at('00:00'));
  const effects = events.map((happened) => applyToCustomer(state, happened, workspace));
  return { ...state, effects };
}

it('applies an event at its own time, and a late one at the current evaluation instant', () => {
  const { effects, evaluatedAt, facts } = customerOf(
    event('10:00'),
    event('12:00'),
    event('11:00'),
  );

  expect(effects).toEqual([
    { at: at('10:00'), late: false },
    { at: at('12:00'), late: false },
    { at: at('12:00'), late: true },
  ]);
  expect(evaluatedAt).toEqual(at('12:00'));
  expect(facts).toMatchObject({ events: 3, first_seen_at: at('10:00'), last_seen_at: at('12:00') });
});

it('does not mark an event at the same instant as late', () => {
  expect(customerOf(event('10:00'), event('10:00')).effects[1]).toEqual({
    at: at('10:00'),
    late: false,
  });
});

it('moves first timestamps back for an earlier late event', () => {
  const order = { effect: 'order', amount: 100n, currency: 'USD' } as const;

  const { facts } = customerOf(event('12:00', order), event('09:00', order));

  expect(facts).toMatchObject({
    orders: 2,
    gross_revenue: 200n,
    first_seen_at: at('09:00'),
    first_order_at: at('09:00'),
    last_order_at: at('12:00'),
  });
});

it('counts an order of amount 0, and subtracts a refund from revenue only', () => {
  const { facts } = customerOf(
    event('10:00', { effect: 'order', amount: 0n, currency: 'USD' }),
    event('11:00', { effect: 'refund', amount: 70n, currency: 'USD' }),
  );

  expect(facts).toMatchObject({ orders: 1, gross_revenue: 0n, refunded: 70n });
});

it('keeps other currencies separate and counts their orders', () => {
  const { facts, foreign } = customerOf(
    event('10:00', { effect: 'order', amount: 500n, currency: 'EUR' }),
    event('11:00', { effect: 'order', amount: 200n, currency: 'USD' }),
    event('12:00', { effect: 'refund', amount: 100n, currency: 'EUR' }),
  );

  expect(facts).toMatchObject({ orders: 2, gross_revenue: 200n, refunded: 0n });
  expect([...foreign]).toEqual([['EUR', { gross_revenue: 500n, refunded: 100n }]]);
});

it('counts a sign-up as a lead', () => {
  const { facts } = customerOf(
    event('10:00', { effect: 'sign_up' }),
    event('09:00', { effect: 'lead' }),
  );

  expect(facts).toMatchObject({ signed_up_at: at('10:00'), lead_at: at('09:00') });
});

it('keeps the latest value of each trait, and at equal times the last received', () => {
  const { traits } = customerOf(
    event('11:00', { traits: { plan: 'pro', city: 'Bonn' } }),
    event('10:00', { traits: { plan: 'free', team: 'red' } }),
    event('11:00', { traits: { city: 'Köln' } }),
  );

  expect(traits).toEqual({ plan: 'pro', team: 'red', city: 'Köln' });
});

it('removes a trait set to null, and does not restore an older value', () => {
  const { traits } = customerOf(
    event('10:00', { traits: { plan: 'pro' } }),
    event('12:00', { traits: { plan: null } }),
    event('11:00', { traits: { plan: 'free' } }),
  );

  expect(traits).toEqual({});
});

it('accepts any trait name, those of Object.prototype included', () => {
  const odd = JSON.parse('{"__proto__":{"email":"x@y.z"},"constructor":1,"toString":2}');

  const { traits, email } = customerOf(
    event('10:00', { traits: odd }),
    event('11:00', { traits: odd }),
  );

  expect(JSON.stringify(traits)).toBe(JSON.stringify(odd));
  expect(email).toBeNull();
});

it('keeps the first user id and the latest e-mail address', () => {
  const first = [
    { kind: 'user_id', value: 'u1' },
    { kind: 'email', value: 'a@x.y' },
  ] as const;

  const known = customerOf(event('10:00', { names: [...first] }));
  const customer = customerOf(
    event('10:00', { names: [...first] }),
    event('11:00', { names: [{ kind: 'user_id', value: 'u2' }], traits: { email: 'b@x.y' } }),
    event('10:30', { traits: { email: 'c@x.y' } }),
  );

  expect(known).toMatchObject({ userId: 'u1', email: 'a@x.y' });
  expect(customer).toMatchObject({ userId: 'u1', email: 'b@x.y' });
});

it.each([
  [{ name: 'Ada', firstName: 'Bob' }, 'Ada'],
  [{ firstName: 'Ada', lastName: 'Lee' }, 'Ada Lee'],
  [{ lastName: 'Lee' }, 'Lee'],
  [{ name: '', firstName: 'Ada' }, 'Ada'],
  [{ name: 5, lastName: ['Lee'] }, null],
  [{}, null],
])('names a customer with the traits %j %s', (traits, shown) => {
  expect(displayName(traits)).toBe(shown);
});
