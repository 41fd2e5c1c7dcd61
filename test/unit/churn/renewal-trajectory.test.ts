import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renewalTrajectory } from '../../../src/domains/churn/risk/renewal-trajectory.ts';
import type { RiskModel } from '../../../src/domains/churn/risk/risk-model.ts';
import { fitBaseline } from '../../../src/domains/churn/subscription/baseline.ts';
import { fitLateness, latenessLogOdds } from '../../../src/domains/churn/subscription/lateness.ts';
import type { SubscriptionEvent } from '../../../src/domains/churn/subscription/subscription-event.ts';
import { renewalGrace } from '../../../src/domains/churn/subscription/subscription-history.ts';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import { exampleHazard } from '../../support/example-hazard.ts';
import { exampleModel } from '../../support/example-model.ts';

const lateness = fitLateness([
  { delay: 0 },
  { delay: 0 },
  { delay: 5 * msPerDay },
  { delay: null },
]);
const model: RiskModel = {
  mode: 'SUBSCRIPTION',
  timeZone: 'UTC',
  currency: 'USD',
  baseline: fitBaseline([]),
  lateness,
  bands: exampleModel.bands,
  hazard: exampleHazard,
};

const begin = Date.UTC(2026, 0, 5, 7);
const days = fc.integer({ min: 0, max: 120 * 24 }).map((hours) => begin + hours * 3_600_000);
const later = fc.record({
  kind: fc.constantFrom(
    'RENEWED' as const,
    'PAYMENT_FAILED' as const,
    'PAYMENT_RECOVERED' as const,
    'CANCELLED' as const,
  ),
  at: days,
});
const started: SubscriptionEvent = { kind: 'STARTED', at: begin, plan: 'Basic', period: 'P30D' };
const histories = fc.record({
  events: fc
    .array(later, { maxLength: 6 })
    .map((events): SubscriptionEvent[] => [started, ...events]),
  activity: fc.uniqueArray(
    fc.record({
      at: fc
        .integer({ min: 0, max: 150 })
        .map((day) => Math.floor(begin / msPerDay) * msPerDay + day * msPerDay),
      count: fc.integer({ min: 1, max: 9 }),
    }),
    { selector: ({ at }) => at, maxLength: 20 },
  ),
});
const silences = fc.integer({ min: 0, max: 90 * 24 }).map((hours) => hours * 3_600_000 + 1);

describe('the risk trajectory of a subscriber', () => {
  it('has at every instant the score of the explanation, whose reasons add up to it', () => {
    fc.assert(
      fc.property(histories, silences, (history, silence) => {
        const at = Math.max(...history.events.map((event) => event.at)) + silence;
        const course = renewalTrajectory(model, history);

        const { score, logOdds, reasons } = course?.explainAt(at) ?? { reasons: [] };

        expect(course?.scoreAt(at)).toBeCloseTo(score ?? -1, 12);
        const sum = reasons.reduce((all, { contribution }) => all + contribution, 0);
        expect(sum).toBeCloseTo(logOdds ?? -1, 9);
      }),
    );
  });

  it('crosses a threshold at the first instant with the score on the other side', () => {
    const thresholds = fc.double({ min: 0.05, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(histories, silences, thresholds, (history, silence, threshold) => {
        const at = Math.max(...history.events.map((event) => event.at)) + silence;
        const course = renewalTrajectory(model, history);
        const isAbove = (instant: number) => (course?.scoreAt(instant) ?? 0) >= threshold;
        const crossing = course?.crosses(threshold, at) ?? Number.POSITIVE_INFINITY;

        for (let hour = at; hour < Math.min(crossing, at + 80 * msPerDay); hour += 3_600_000) {
          expect(isAbove(hour)).toBe(isAbove(at));
        }
        if (Number.isFinite(crossing)) expect(isAbove(crossing)).not.toBe(isAbove(crossing - 1));
      }),
    );
  });

  it('reaches 1 at cancellation and 30 days after an overdue renewal', () => {
    const history = { events: [started], activity: [] };
    const course = renewalTrajectory(model, history);
    const dueAt = begin + 30 * msPerDay;

    expect(course?.scoreAt(dueAt + renewalGrace - 1)).toBeLessThan(1);
    expect(course?.scoreAt(dueAt + renewalGrace)).toBe(1);
    expect(course?.aliveAt(dueAt + renewalGrace)).toBe(0);
    const cancelled = { kind: 'CANCELLED' as const, at: begin + msPerDay };
    const over = renewalTrajectory(model, { events: [started, cancelled], activity: [] });
    expect(over?.scoreAt(begin + msPerDay)).toBe(1);
    expect(over?.explainAt(begin + msPerDay).reasons).toMatchObject([
      { code: 'SUBSCRIPTION_CANCELLED', text: 'The subscription was cancelled on 6 January.' },
    ]);
  });

  it('is undefined without a subscription', () => {
    const failed = { kind: 'PAYMENT_FAILED' as const, at: begin };

    expect(renewalTrajectory(model, { events: [failed], activity: [] })).toBeUndefined();
  });
});

it('raises the risk of an overdue renewal by the observed lateness of renewals', () => {
  const state = { periodEnd: begin };

  expect(latenessLogOdds(lateness, state, begin + msPerDay - 1)).toBe(0);
  // Of three renewals, one was five days late.
  expect(latenessLogOdds(lateness, state, begin + msPerDay)).toBeCloseTo(-Math.log(1.5 / 4), 12);
  expect(latenessLogOdds(lateness, state, begin + 5 * msPerDay)).toBeCloseTo(
    -Math.log(1.5 / 4),
    12,
  );
  expect(latenessLogOdds(lateness, state, begin + 6 * msPerDay)).toBeCloseTo(
    -Math.log(0.5 / 4),
    12,
  );
});
