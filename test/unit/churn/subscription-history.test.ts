import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SubscriptionEvent } from '../../../src/domains/churn/subscription/subscription-event.ts';
import {
  foldSubscription,
  noSubscription,
  renewalGrace,
} from '../../../src/domains/churn/subscription/subscription-history.ts';
import { statusAt } from '../../../src/domains/churn/subscription/subscription-status.ts';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';

const day = (date: string) => Date.parse(date);
const fold = (...events: SubscriptionEvent[]) => foldSubscription(events, 'UTC');
const started: SubscriptionEvent = { kind: 'STARTED', at: day('2025-01-31T12:00Z'), plan: 'Basic' };

it('has a default period of one calendar month', () => {
  expect(fold(started)).toEqual({
    ...noSubscription,
    plan: 'Basic',
    startedAt: started.at,
    periodStart: started.at,
    periodEnd: day('2025-02-28T12:00Z'),
  });
  expect(fold({ ...started, period: 'P1Y' }).periodEnd).toBe(day('2026-01-31T12:00Z'));
  expect(fold({ ...started, renewsAt: day('2025-02-10T00:00Z') }).periodEnd).toBe(
    day('2025-02-10T00:00Z'),
  );
});

it('keeps the local time of day across a clock change', () => {
  const events: SubscriptionEvent[] = [{ kind: 'STARTED', at: day('2025-03-01T08:00Z') }];

  // 09:00 in Berlin, before and after the clock change of March 30.
  expect(foldSubscription(events, 'Europe/Berlin').periodEnd).toBe(day('2025-04-01T07:00Z'));
});

it('computes the next renewal from the last one, with the last reported period', () => {
  const state = fold(
    { ...started, period: 'P1Y' },
    { kind: 'RENEWED', at: day('2026-02-03T00:00Z') },
    { kind: 'RENEWED', at: day('2027-02-01T00:00Z'), plan: 'Pro' },
  );

  expect(state).toMatchObject({
    plan: 'Pro',
    startedAt: started.at,
    renewals: 2,
    periodEnd: day('2028-02-01T00:00Z'),
  });
});

it('infers the period from the reported end, for the next one too', () => {
  const state = fold(
    { ...started, renewsAt: started.at + renewalGrace / 3 },
    { kind: 'RENEWED', at: started.at + renewalGrace / 3 },
  );

  expect(state.periodEnd).toBe(started.at + (2 * renewalGrace) / 3);
});

it('counts a renewal within 30 days of the due date, and a later one as a new start', () => {
  const dueAt = day('2025-02-28T12:00Z');
  const renewed = (at: number) => fold(started, { kind: 'RENEWED', at });

  expect(renewed(dueAt + renewalGrace - 1)).toMatchObject({ startedAt: started.at, renewals: 1 });
  expect(renewed(dueAt + renewalGrace)).toMatchObject({
    startedAt: dueAt + renewalGrace,
    renewals: 0,
    plan: 'Basic',
  });
});

it.each(['2025-02-20T00:00Z', '2025-03-10T00:00Z'])(
  'treats a start within the grace period after a cancellation as a renewal: %s',
  (again) => {
    const state = fold(
      started,
      { kind: 'CANCELLED', at: day('2025-02-10T00:00Z') },
      { kind: 'STARTED', at: day(again) },
    );

    expect(state).toMatchObject({ startedAt: started.at, renewals: 1, cancelledAt: null });
  },
);

it('treats a start during a running subscription as a change of plan with the same due date', () => {
  const change: SubscriptionEvent = { kind: 'STARTED', at: day('2025-02-10T00:00Z'), plan: 'Pro' };

  expect(fold(started, change)).toEqual({ ...fold(started), plan: 'Pro' });
  expect(fold(started, { ...change, period: 'P1Y' })).toMatchObject({
    renewals: 0,
    periodEnd: day('2026-02-10T00:00Z'),
  });
});

it('counts a repeated event once, and no renewal at the instant of the start', () => {
  const renewed: SubscriptionEvent = { kind: 'RENEWED', at: day('2025-02-28T00:00Z') };

  expect(fold(started, renewed, renewed)).toEqual(fold(started, renewed));
  expect(fold(started, { kind: 'RENEWED', at: started.at })).toEqual(fold(started));
});

it('starts with the first renewal if the start is missing', () => {
  const at = day('2025-02-28T00:00Z');

  expect(fold({ kind: 'RENEWED', at })).toMatchObject({ startedAt: at, renewals: 1, plan: null });
});

it('keeps a failed payment open until it recovers or the subscription is renewed', () => {
  const failed: SubscriptionEvent = { kind: 'PAYMENT_FAILED', at: day('2025-02-20T00:00Z') };
  const later = day('2025-02-21T00:00Z');

  expect(fold(started, failed).paymentFailedAt).toBe(failed.at);
  expect(fold(started, failed, { kind: 'STARTED', at: later }).paymentFailedAt).toBe(failed.at);
  expect(
    fold(started, failed, { kind: 'PAYMENT_RECOVERED', at: later }).paymentFailedAt,
  ).toBeNull();
  expect(fold(started, failed, { kind: 'RENEWED', at: later }).paymentFailedAt).toBeNull();
});

it('normalises the last satisfaction to a scale from 0 to 10', () => {
  const satisfactionOf = (score: number, scale?: { worst: number; best: number }) =>
    fold({ kind: 'SATISFACTION_GIVEN', at: started.at, score, scale }).satisfaction?.score;

  expect(satisfactionOf(7)).toBe(7);
  expect(satisfactionOf(4, { worst: 1, best: 5 })).toBe(7.5);
  expect(satisfactionOf(1, { worst: 6, best: 1 })).toBe(10);
});

it('returns the status at an instant and when it changes without events', () => {
  const state = fold(started);
  const dueAt = day('2025-02-28T12:00Z');
  const graceEnd = dueAt + renewalGrace;

  expect(statusAt(state, dueAt - 1)).toEqual({ status: 'ACTIVE', changesAt: dueAt });
  expect(statusAt(state, dueAt)).toEqual({ status: 'IN_GRACE', changesAt: graceEnd });
  expect(statusAt(state, graceEnd - 1)).toEqual({ status: 'IN_GRACE', changesAt: graceEnd });
  expect(statusAt(state, graceEnd)).toEqual({ status: 'LAPSED', changesAt: null });
  expect(statusAt(noSubscription, dueAt)).toEqual({ status: 'NONE', changesAt: null });
  expect(statusAt(fold(started, { kind: 'CANCELLED', at: dueAt - 9 }), dueAt - 1)).toEqual({
    status: 'CANCELLED',
    changesAt: null,
  });
});

const instant = fc
  .integer({ min: 0, max: 40 })
  .map((step) => day('2025-01-01') + step * 5 * msPerDay);
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const termsEvent = fc.record({
  kind: fc.constantFrom('STARTED' as const, 'RENEWED' as const),
  at: instant,
  plan: optional(fc.constantFrom('Basic', 'Pro')),
  period: optional(fc.constantFrom('P1M', 'P2W', 'PT36H')),
});
const otherEvent = fc.record({
  kind: fc.constantFrom(
    'CANCELLED' as const,
    'PAYMENT_FAILED' as const,
    'PAYMENT_RECOVERED' as const,
  ),
  at: instant,
});
const answer = fc.record({
  kind: fc.constant('SATISFACTION_GIVEN' as const),
  at: instant,
  score: fc.integer({ min: 0, max: 10 }),
});
const history = fc.array(fc.oneof(termsEvent, otherEvent, answer), { maxLength: 12 });

it('has the same state for every order of arrival', () => {
  const shuffled = history.chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([events, others]) => {
      expect(foldSubscription(others, 'UTC')).toEqual(foldSubscription(events, 'UTC'));
    }),
    { numRuns: 500 },
  );
});

it('changes status only at the predicted instants', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 90 * msPerDay }), { maxLength: 8 });
  fc.assert(
    fc.property(history, steps, (events, offsets) => {
      const state = foldSubscription(events, 'UTC');
      const last = Math.max(day('2025-01-01'), ...events.map(({ at }) => at));
      let known = statusAt(state, last);
      for (const at of offsets.map((offset) => last + offset).sort((a, b) => a - b)) {
        for (let changes = 0; known.changesAt !== null && known.changesAt <= at; changes += 1) {
          expect(statusAt(state, known.changesAt - 1).status).toBe(known.status);
          known = statusAt(state, known.changesAt);
          expect(changes).toBeLessThan(2);
        }
        expect(statusAt(state, at)).toEqual(known);
      }
    }),
  );
});

it.each<[string, SubscriptionEvent]>([
  ['with an invalid instant', { kind: 'CANCELLED', at: Number.NaN }],
  ['outside the calendar', { kind: 'STARTED', at: 1e300 }],
  ['with an unreadable period', { ...started, period: 'a month' }],
  ['with a negative period', { ...started, period: '-P1M' }],
  ['with a period of zero', { ...started, period: 'P0D' }],
  ['due before it began', { ...started, renewsAt: started.at - 1 }],
  ['with an invalid due date', { ...started, renewsAt: Number.NaN }],
  ['with a score above its scale', { kind: 'SATISFACTION_GIVEN', at: started.at, score: 11 }],
  [
    'with a score on an empty scale',
    { kind: 'SATISFACTION_GIVEN', at: started.at, score: 1, scale: { worst: 1, best: 1 } },
  ],
])('refuses an event %s', (_, event) => {
  expect(() => fold(event)).toThrow(expect.objectContaining({ code: 'INVALID_SUBSCRIPTION' }));
});

it('refuses an unknown time zone and an invalid instant', () => {
  expect(() => foldSubscription([started], 'Mars/Olympus')).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
  expect(() => statusAt(fold(started), Number.NaN)).toThrow(
    expect.objectContaining({ code: 'INVALID_SUBSCRIPTION' }),
  );
});
