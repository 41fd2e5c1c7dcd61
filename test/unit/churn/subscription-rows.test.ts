import fc from 'fast-check';
import { expect, it } from 'vitest';
import { renewalRows } from '../../../src/domains/churn/subscription/renewal-rows.ts';
import type { SubscriptionEvent } from '../../../src/domains/churn/subscription/subscription-event.ts';
import { foldSubscription } from '../../../src/domains/churn/subscription/subscription-history.ts';
import {
  type ActivityCount,
  countUsage,
  usageChange,
} from '../../../src/domains/churn/subscription/usage.ts';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import { simulateSubscriptions } from './simulate-subscriptions.ts';

const begin = Date.parse('2025-01-01T00:00Z');
const at = (days: number) => begin + days * msPerDay;
const started: SubscriptionEvent = { kind: 'STARTED', at: begin, plan: 'Basic', period: 'P30D' };
const rowsOf = (
  events: SubscriptionEvent[],
  { until = at(1_000), activity = [] as ActivityCount[] } = {},
) => renewalRows([{ customer: 'ada', events, activity }], { until, timeZone: 'UTC' });

it('has a row for each renewal within 30 days and for the lost one', () => {
  const rows = rowsOf([started, { kind: 'RENEWED', at: at(30) }, { kind: 'RENEWED', at: at(80) }]);

  expect(rows).toMatchObject([
    { dueAt: at(30), renewals: 0, isLost: false },
    { dueAt: at(60), renewals: 1, isLost: false },
    { dueAt: at(110), renewals: 2, isLost: true },
  ]);
  expect(rows[1]?.measures).toMatchObject({ tenure: 1, logTenure: Math.log(2) });
});

it('has no row for a change of plan, and the new plan in the next row', () => {
  const change: SubscriptionEvent = { kind: 'STARTED', at: at(10), plan: 'Pro' };

  expect(rowsOf([started, change])).toMatchObject([{ dueAt: at(30), plan: 'Pro', isLost: true }]);
});

it('counts a return after 30 days as a loss and a new start', () => {
  const rows = rowsOf([started, { kind: 'RENEWED', at: at(60) }, { kind: 'RENEWED', at: at(90) }]);

  expect(rows).toMatchObject([
    { startedAt: begin, dueAt: at(30), renewals: 0, isLost: true },
    { startedAt: at(60), dueAt: at(90), renewals: 0, isLost: false },
    { startedAt: at(60), dueAt: at(120), renewals: 1, isLost: true },
  ]);
});

it('omits undecided renewals, early ones as well as losses', () => {
  const events: SubscriptionEvent[] = [started, { kind: 'RENEWED', at: at(30) }];

  expect(rowsOf(events, { until: at(60) - 1 })).toEqual([]);
  expect(rowsOf(events, { until: at(60) })).toHaveLength(1);
  expect(rowsOf([started], { until: at(60) - 1 })).toEqual([]);
  expect(rowsOf([started], { until: at(60) })).toMatchObject([{ isLost: true }]);
});

it('measures what happened before the end of the period', () => {
  const failed: SubscriptionEvent = { kind: 'PAYMENT_FAILED', at: at(29) };
  const unhappy: SubscriptionEvent = { kind: 'SATISFACTION_GIVEN', at: at(20), score: 6 };
  const [row] = rowsOf([started, failed, unhappy]);

  expect(row?.measures).toMatchObject({
    paymentFailed: 1,
    lowSatisfaction: 1,
    unknownSatisfaction: 0,
  });
  expect(rowsOf([started, { ...failed, at: at(30) }])[0]?.measures.paymentFailed).toBe(0);
  // An early renewal is decided at that time: the payment must not be known before.
  const early = rowsOf([started, failed, { kind: 'RENEWED', at: at(29.5) }]);
  expect(early[0]).toMatchObject({ isLost: false, measures: { paymentFailed: 1 } });
});

it('compares the usage of a period with the one before', () => {
  const activity = [
    { at: at(10), count: 20 },
    { at: at(30), count: 4 },
    { at: at(59), count: 5 },
    { at: at(60), count: 1_000 },
  ];
  const rows = rowsOf([started, { kind: 'RENEWED', at: at(30) }], { activity });

  expect(rows.map(({ measures }) => measures.usageChange)).toEqual([
    0,
    expect.closeTo(Math.log(10 / 21), 12),
  ]);
});

it('scales up the usage of a partial period', () => {
  const state = foldSubscription([started, { kind: 'RENEWED', at: at(30) }], 'UTC');
  const activity = [{ at: at(5), count: 10 }];

  expect(countUsage(state, activity, at(40))).toEqual({ present: 0, previous: null });
  expect(countUsage(state, activity, at(50))).toEqual({ present: 0, previous: 20 });
});

it.each([
  [{ present: 0, previous: 0 }, 0],
  [{ present: 0, previous: Number.MAX_VALUE }, -Math.log(20)],
  [{ present: Number.MAX_VALUE, previous: 0 }, Math.log(20)],
  [{ present: 7, previous: null }, 0],
])('limits the change of usage %j', (usage, change) => {
  expect(usageChange(usage)).toBe(change);
});

it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a count of %d', (count) => {
  expect(() => rowsOf([started], { activity: [{ at: at(1), count }] })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});

it.each([
  { present: -1, previous: null },
  { present: 1, previous: -1 },
  { present: Number.POSITIVE_INFINITY, previous: 1 },
  { present: Number.NaN, previous: 1 },
])('refuses a usage of %j', (usage) => {
  expect(() => usageChange(usage)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});

it('has no rows without customers or without subscriptions', () => {
  expect(renewalRows([], { until: at(1), timeZone: 'UTC' })).toEqual([]);
  expect(rowsOf([])).toEqual([]);
  expect(rowsOf([{ kind: 'CANCELLED', at: begin }])).toEqual([]);
});

const later = fc.record({
  kind: fc.constantFrom(
    'STARTED' as const,
    'RENEWED' as const,
    'CANCELLED' as const,
    'PAYMENT_FAILED' as const,
    'PAYMENT_RECOVERED' as const,
  ),
  at: fc.integer({ min: 0, max: 200 * msPerDay }).map((offset) => at(400) + offset),
});

it('ignores events and activity at or after `until`', () => {
  const histories = simulateSubscriptions(1, { customers: 80, until: at(500) });
  const window = { until: at(400), timeZone: 'UTC' };
  const known = renewalRows(histories, window);
  expect(known.length).toBeGreaterThan(100);
  fc.assert(
    fc.property(fc.array(later, { maxLength: 20 }), (extra) => {
      const altered = histories.map(({ events, ...rest }) => ({
        ...rest,
        events: [...events.filter((event) => event.at < window.until), ...extra],
        activity: [{ at: window.until, count: 99 }],
      }));
      expect(renewalRows(altered, window)).toEqual(known);
    }),
    { numRuns: 50 },
  );
});

it("has no measure that depends on data after the row's cut-off", () => {
  const histories = simulateSubscriptions(2, { customers: 60, until: at(500) });
  const window = { until: at(500), timeZone: 'UTC' };
  for (const history of histories) {
    for (const row of renewalRows([history], window)) {
      const without = history.events.filter((event) => event.at < row.dueAt);
      const shortened = renewalRows([{ ...history, events: without }], window);
      const same = shortened.find(({ dueAt }) => dueAt === row.dueAt);
      expect(same).toMatchObject({ measures: row.measures, plan: row.plan, isLost: true });
    }
  }
});

it('has the same rows for every order of events', () => {
  const histories = simulateSubscriptions(3, { customers: 30, until: at(500) });
  const window = { until: at(500), timeZone: 'UTC' };
  const reversed = histories.map((one) => ({ ...one, events: one.events.toReversed() }));

  expect(renewalRows(reversed, window)).toEqual(renewalRows(histories, window));
});
