import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { domains } from '../../../src/domains.ts';
import { parseFilter } from '../../../src/engine/conditions/parse-filter.ts';
import { aggregateFacts } from '../../../src/engine/customers/aggregate-facts.ts';
import { customerColumns, toRow } from '../../../src/engine/customers/customer-row.ts';
import type { Fact } from '../../../src/engine/customers/fact.ts';
import { effectsOf, namedFacts, requireFact } from '../../../src/engine/customers/fact-table.ts';
import { count } from '../../../src/engine/customers/fold.ts';
import { applyToCustomer, newCustomerState } from '../../../src/engine/customers/state.ts';
import { installExtensions } from '../../../src/engine/extensions.ts';
import { referenceFacts } from '../../support/reference-fact-condition.ts';

// Installs domains of its own: the modules that remember those installed are loaded anew, here and for the next file.
vi.hoisted(() => vi.resetModules());
afterAll(() => vi.resetModules());

const extensions = domains.map(({ extension }) => extension);
installExtensions(extensions);

it('has a reference implementation for every fact of filters', () => {
  expect(referenceFacts.toSorted()).toEqual([...namedFacts().keys()].toSorted());
});

it.each([
  ['orderCount', ['order']],
  ['netRevenue', ['order', 'refund']],
  ['averageOrderValue', ['order']],
  ['subscribed', ['subscription_started', 'subscription_renewed', 'subscription_cancelled']],
  ['leadAt', ['lead', 'sign_up']],
  ['events', undefined],
  ['identified', undefined],
])('lists the effects of the events from which %s is folded', (name, effects) => {
  expect(effectsOf(requireFact(name))).toEqual(effects);
});

describe('a fact that a domain declares', () => {
  const refundCount: Fact = {
    name: 'refundCount',
    column: 'refund_count',
    description: 'Number of refunds.',
    fold: count,
    effects: ['refund'],
  };
  const filter = { fact: { refundCount: { atLeast: 1 } } };
  const at = new Date('2024-05-01T10:00:00Z');
  const query = { workspaceId: 'w', timeZone: 'UTC', ids: [] };

  const declare = () => installExtensions([...extensions, { name: 'test', facts: [refundCount] }]);
  afterEach(() => installExtensions(extensions));

  it('is unknown without the domain', () => {
    expect(customerColumns()).not.toHaveProperty('refund_count');
    expect(aggregateFacts(query).sql).not.toContain('refund_count');
  });

  it('is folded from events, stored and recomputed', () => {
    declare();
    const state = newCustomerState('c', at);
    const refund = { kind: 'track', name: 'Order Refunded', effect: 'refund', occurredAt: at };
    const own = { origin: 'CUSTOMER' as const, amount: 5n, currency: 'USD' };
    const event = { ...refund, ...own, names: [], traits: null };
    applyToCustomer(state, event, { timeZone: 'UTC', currency: 'USD' });
    applyToCustomer(state, { ...event, effect: 'order' }, { timeZone: 'UTC', currency: 'USD' });

    expect(customerColumns()).toHaveProperty('refund_count', 'integer');
    expect(toRow(state)).toMatchObject({ refund_count: 1, orders: 1, events: 2, refunded: '5' });
    expect(aggregateFacts(query).sql).toContain('as refund_count');
  });

  it('is a field of filters', () => {
    declare();

    expect(namedFacts().get('refundCount')).toBe(refundCount);
    expect(parseFilter(filter)).toEqual(filter);
  });
});
