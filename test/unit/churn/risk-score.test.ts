import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Activity } from '../../../src/domains/churn/risk/activity.ts';
import { flagThresholds, nextRiskChange } from '../../../src/domains/churn/risk/next-change.ts';
import { purchaseTrajectory } from '../../../src/domains/churn/risk/purchase-trajectory.ts';
import { explainScore } from '../../../src/domains/churn/risk/reasons.ts';
import {
  pAliveAt,
  pAliveFallsBelow,
  scoreAt,
  scoreRisesTo,
} from '../../../src/domains/churn/risk/score.ts';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import { exampleModel as model } from '../../support/example-model.ts';

const begin = Date.UTC(2026, 0, 1);

const activities = fc
  .record({
    x: fc.integer({ min: 0, max: 60 }),
    span: fc.integer({ min: 1, max: 900 * msPerDay }),
    repeatValue: fc.constant(0),
  })
  .map(({ x, span, repeatValue }): Activity => {
    const last = x === 0 ? begin : begin + Math.max(span, x * msPerDay);
    return { x, first: begin, last, valuedDays: 0, repeatValue };
  });
const silences = fc.integer({ min: 0, max: 2_000 * msPerDay });
const shares = fc.double({ min: 0.01, max: 0.99, noNaN: true });

describe('the score', () => {
  it('is a probability and never falls during silence', () => {
    fc.assert(
      fc.property(activities, silences, silences, (activity, one, other) => {
        const [sooner, later] = [Math.min(one, other), Math.max(one, other)];
        const before = scoreAt(model, activity, activity.last + sooner);
        const after = scoreAt(model, activity, activity.last + later);

        expect(before).toBeGreaterThanOrEqual(0);
        expect(after).toBeLessThanOrEqual(1);
        expect(after).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it('reaches a threshold at exactly the predicted millisecond', () => {
    fc.assert(
      fc.property(activities, shares, (activity, threshold) => {
        const at = scoreRisesTo(model, activity, threshold);
        fc.pre(Number.isFinite(at));

        expect(at).toBeGreaterThanOrEqual(activity.last);
        expect(scoreAt(model, activity, at)).toBeGreaterThanOrEqual(threshold);
        if (at > activity.last) {
          expect(scoreAt(model, activity, at - 1)).toBeLessThan(threshold);
        }
      }),
    );
  });

  it('never reaches a threshold predicted as unreachable', () => {
    const restless: Activity = { x: 0, first: begin, last: begin, valuedDays: 0, repeatValue: 0 };
    const alive = { ...model, calibration: { slope: 1, intercept: -5 } };

    const never = scoreRisesTo(alive, restless, 1);

    expect(never).toBe(Number.POSITIVE_INFINITY);
  });

  it('has P(alive) fall below a threshold at the predicted instant', () => {
    fc.assert(
      fc.property(activities, shares, (activity, threshold) => {
        const at = pAliveFallsBelow(model, activity, threshold);
        fc.pre(Number.isFinite(at));

        expect(pAliveAt(model, activity, at)).toBeLessThan(threshold);
        if (at > activity.last) {
          expect(pAliveAt(model, activity, at - 1)).toBeGreaterThanOrEqual(threshold);
        }
      }),
    );
  });

  it('counts purchases of a single day as one, with silence since the last of them', () => {
    const once: Activity = {
      x: 0,
      first: begin,
      last: begin + 3_600_000,
      valuedDays: 0,
      repeatValue: 0,
    };
    const at = begin + 30 * msPerDay;

    const same = scoreAt(model, { ...once, first: once.last }, at);

    expect(scoreAt(model, once, at)).toBe(same);
  });
});

describe('the reasons', () => {
  it('add up to the log-odds of the score', () => {
    fc.assert(
      fc.property(activities, silences, (activity, silence) => {
        const at = activity.last + silence;
        const { score, logOdds, reasons } = explainScore(model, activity, at);
        const sum = reasons.reduce((total, { contribution }) => total + contribution, 0);

        expect(sum).toBeCloseTo(logOdds, 9);
        expect(1 / (1 + Math.exp(-logOdds))).toBeCloseTo(score, 9);
      }),
    );
  });

  it('rank the silence relative to the mean pause first when it dominates', () => {
    const regular: Activity = {
      x: 12,
      first: begin,
      last: begin + 140 * msPerDay,
      valuedDays: 0,
      repeatValue: 0,
    };

    const { reasons } = explainScore(model, regular, regular.last + 133 * msPerDay);

    expect(reasons[0]).toMatchObject({
      code: 'SILENT_VS_OWN_RHYTHM',
      text: 'It has been quiet for 133 days; the usual pause is 12 days.',
    });
  });

  it('state that a one-time customer was seen only once', () => {
    const once: Activity = { x: 0, first: begin, last: begin, valuedDays: 0, repeatValue: 0 };

    const codes = explainScore(model, once, begin + 40 * msPerDay).reasons.map(({ code }) => code);

    expect(codes.toSorted()).toEqual([
      'EXPERIENCE_HERE',
      'ONE_TIME_BUYER',
      'RARE_BY_NATURE',
      'SILENT_SINCE_FIRST_TIME',
    ]);
  });
});

describe('the next change', () => {
  it('is the nearest threshold of the bands and the flag', () => {
    fc.assert(
      fc.property(activities, silences, fc.boolean(), (activity, silence, isFlagged) => {
        const at = activity.last + silence;
        const course = purchaseTrajectory(model, activity);
        const { enter } = flagThresholds(model, course);
        const thresholds = [0.5, 0.8, 0.97, ...(isFlagged ? [] : [enter])];
        const reached = (instant: number) =>
          thresholds.filter((threshold) => scoreAt(model, activity, instant) >= threshold).length;

        const next = nextRiskChange(model, course, { at, band: 'LOW', isFlagged });

        fc.pre(Number.isFinite(next));
        expect(reached(next)).toBeGreaterThan(reached(at));
        expect(reached(next - 1)).toBe(reached(at));
      }),
    );
  });
});
