import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitBaseline } from '../../../src/domains/churn/subscription/baseline.ts';
import type { SubscriptionFacts } from '../../../src/domains/churn/subscription/reason-sentences.ts';
import { explainRisk, topReasons } from '../../../src/domains/churn/subscription/reasons.ts';
import {
  noSubscription,
  renewalGrace,
  type SubscriptionState,
} from '../../../src/domains/churn/subscription/subscription-history.ts';
import { assessSubscription } from '../../../src/domains/churn/subscription/subscription-risk.ts';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import { toLogOdds } from '../../../src/statistics/models/numerics/log-odds.ts';
import { exampleHazard as model } from '../../support/example-hazard.ts';

const day = (date: string) => Date.parse(date);
const now = day('2026-03-10T12:00Z');

const state: SubscriptionState = {
  ...noSubscription,
  plan: 'Basic',
  startedAt: day('2026-01-14'),
  renewals: 1,
  periodStart: day('2026-02-14'),
  periodEnd: day('2026-03-14T06:00Z'),
  paymentFailedAt: day('2026-03-03T23:30Z'),
  satisfaction: { at: day('2025-12-24'), score: 2.5 },
};

const factsOf = (
  changed: Partial<SubscriptionState> = {},
  other: Partial<SubscriptionFacts> = {},
): SubscriptionFacts => ({
  state: { ...state, ...changed },
  usage: { present: 12, previous: 20 },
  at: now,
  timeZone: 'UTC',
  ...other,
});

const textsOf = (facts: SubscriptionFacts) => {
  const { reasons, notes } = explainRisk(model, facts);
  return Object.fromEntries([...reasons, ...notes].map(({ code, text }) => [code, text]));
};

it('explains a score by its top three reasons and the next due renewal', () => {
  const top = topReasons(explainRisk(model, factsOf()));

  expect(top.map(({ code, text }) => [code, text])).toEqual([
    ['PAYMENT_FAILED', 'The last payment failed on 3 March and has not been made good.'],
    ['LOW_SATISFACTION', 'Satisfaction was last given as 2.5 out of 10, on 24 December 2025.'],
    ['USE_FELL', 'Use fell by 40 % against the period before.'],
    ['RENEWAL_NEAR', 'The next renewal is due in 4 days.'],
  ]);
  expect(top.at(-1)?.contribution).toBe(0);
});

it('has the contributions of a linear model, scaled by the calibration', () => {
  const { reasons } = explainRisk(model, factsOf());
  const of = (code: string) => reasons.find((one) => one.code === code)?.contribution;

  expect(of('PAYMENT_FAILED')).toBeCloseTo(0.9 * 1.4 * (1 - 0.1), 12);
  expect(of('PLAN')).toBeCloseTo(0.9 * 0.5 * (1 - 0.4), 12);
  expect(of('LOW_SATISFACTION')).toBeCloseTo(0.9 * (0.9 * 0.75 - 0.2 * 0.3), 12);
  expect(of('SHORT_TENURE')).toBeCloseTo(0.9 * (0.02 * 4 - 0.3 * (Math.log(2) - 1.5)), 12);
});

it("formats days in the workspace's time zone", () => {
  expect(textsOf(factsOf({}, { timeZone: 'Europe/Berlin' }))['PAYMENT_FAILED']).toContain(
    '4 March',
  );
  const dueAt = (at: string) =>
    textsOf(factsOf({ periodEnd: day(at) }, { timeZone: 'Asia/Tokyo' }));

  // 21:00 local time.
  expect(dueAt('2026-03-10T14:00Z')['RENEWAL_NEAR']).toBe('The next renewal is due today.');
  expect(dueAt('2026-03-10T15:00Z')['RENEWAL_NEAR']).toBe('The next renewal is due tomorrow.');
  expect(dueAt('2026-03-17T00:00Z')['RENEWAL_NEAR']).toBe('The next renewal is due in 7 days.');
  expect(dueAt('2026-03-18T00:00Z')['RENEWAL_NEAR']).toBeUndefined();
});

it('reports an overdue renewal', () => {
  const overdue = (periodEnd: number) => textsOf(factsOf({ periodEnd }))['RENEWAL_OVERDUE'];

  expect(overdue(now)).toBe('The renewal was due today and has not come.');
  expect(overdue(now - msPerDay)).toBe('The renewal was due yesterday and has not come.');
  expect(overdue(now - 9 * msPerDay)).toBe('The renewal was due 9 days ago and has not come.');
});

it('has an opposite for each reason', () => {
  const loyal = factsOf(
    { plan: 'Pro', renewals: 20, paymentFailedAt: null, satisfaction: { at: now, score: 9 } },
    { usage: { present: 30, previous: 20 } },
  );

  expect(textsOf(loyal)).toEqual({
    PLAN: 'The plan is Pro, which customers leave less often than others.',
    LONG_TENURE: 'The subscription has been renewed 20 times.',
    USE_ROSE: 'Use rose by 50 % against the period before.',
    PAYMENTS_IN_ORDER: 'No failed payment is open.',
    SATISFIED: 'Satisfaction was last given as 9 out of 10, on 10 March.',
    RENEWAL_NEAR: 'The next renewal is due in 4 days.',
  });
  expect(explainRisk(model, loyal).score).toBeLessThan(explainRisk(model, factsOf()).score);
});

it('reports missing data, and that a new subscription was never renewed', () => {
  const unknown = textsOf(factsOf({ renewals: 0, satisfaction: null }));

  expect(unknown['SHORT_TENURE']).toBe('The subscription has not been renewed yet.');
  expect(unknown['SATISFACTION_UNKNOWN']).toBe('The customer has not said how satisfied it is.');
});

it.each([
  [{ present: 5, previous: 0 }, 'There is use again, after a period without any.'],
  [{ present: 0, previous: 5 }, 'Use fell by 100 % against the period before.'],
  [{ present: 1e300, previous: 1 }, 'Use rose more than tenfold against the period before.'],
])('describes usage %j: %s', (usage, text) => {
  expect(Object.values(textsOf(factsOf({}, { usage })))).toContain(text);
});

it('notes an open payment that the model does not use', () => {
  const blind = { ...model, logistic: { ...model.logistic, coefficients: Array(7).fill(0) } };
  const { reasons, notes } = explainRisk(blind, factsOf());

  expect(reasons).toEqual([]);
  expect(notes.map(({ code }) => code)).toEqual(['RENEWAL_NEAR', 'PAYMENT_FAILED']);
});

const anyInstant = fc.integer({ min: day('2000-01-01'), max: day('2100-01-01') });
const anyCount = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e308, noNaN: true }));
const anyFacts: fc.Arbitrary<SubscriptionFacts> = fc.record({
  state: fc.record({
    plan: fc.option(fc.constantFrom('Basic', 'Pro', 'Gone')),
    price: fc.constant(null),
    startedAt: anyInstant,
    renewals: fc.nat(10_000),
    periodStart: anyInstant,
    periodEnd: anyInstant,
    period: fc.constant(noSubscription.period),
    cancelledAt: fc.constant(null),
    paymentFailedAt: fc.option(anyInstant),
    satisfaction: fc.option(
      fc.record({ at: anyInstant, score: fc.double({ min: 0, max: 10, noNaN: true }) }),
    ),
  }),
  usage: fc.record({ present: anyCount, previous: fc.option(anyCount) }),
  at: anyInstant,
  timeZone: fc.constantFrom('UTC', 'America/New_York', 'Pacific/Apia'),
});

it('has reasons that add up to the log-odds, with well-formed sentences', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const { base, reasons, notes, logOdds, score } = explainRisk(model, facts);
      const sum = reasons.reduce((total, { contribution }) => total + contribution, base);

      expect(sum).toBeCloseTo(logOdds, 9);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
      const sizes = reasons.map(({ contribution }) => Math.abs(contribution));
      expect(sizes).toEqual(sizes.toSorted((left, right) => right - left));
      for (const { text } of [...reasons, ...notes]) {
        expect(text).toMatch(/^[A-Z].*\.$/);
        expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
      }
    }),
    { numRuns: 500 },
  );
});

const baseline = fitBaseline([]);

it('scores subscriptions that can be renewed, and reports lost ones as a fact', () => {
  const assess = (facts: SubscriptionFacts) =>
    assessSubscription({ hazard: model, baseline, lateness: [] }, facts);
  const dueAt = day('2026-03-14T06:00Z');

  expect(assess(factsOf())).toMatchObject({
    status: 'ACTIVE',
    changesAt: dueAt,
    risk: { source: 'HAZARD', score: explainRisk(model, factsOf()).score },
  });
  expect(assess(factsOf({}, { at: dueAt })).risk).not.toBeNull();
  expect(assess(factsOf({}, { at: dueAt + renewalGrace }))).toEqual({
    status: 'LAPSED',
    changesAt: null,
    risk: null,
  });
  expect(assess(factsOf({ cancelledAt: now }))).toMatchObject({ status: 'CANCELLED', risk: null });
  const withoutSubscription = factsOf({}, { state: noSubscription });
  expect(assess(withoutSubscription)).toEqual({ status: 'NONE', changesAt: null, risk: null });
});

it('scores by the baseline without reasons if there is no hazard', () => {
  const { risk } = assessSubscription({ hazard: null, baseline, lateness: [] }, factsOf());

  expect(risk).toMatchObject({ source: 'PRIOR', reasons: [] });
  expect(risk?.score).toBeCloseTo(0.7 / (0.7 + 2.1 + 1), 12);
  expect(risk?.logOdds).toBe(toLogOdds(risk?.score ?? 0));
  expect(risk?.notes.map(({ code }) => code)).toEqual(['RENEWAL_NEAR', 'PAYMENT_FAILED']);
});

it('refuses to explain a customer without a subscription', () => {
  expect(() => explainRisk(model, factsOf({}, { state: noSubscription }))).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
