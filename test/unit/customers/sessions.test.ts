import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sessionsAdded, sessionTimeoutMs } from '../../../src/engine/customers/sessions.ts';

it.each([
  ['starts the first session', [], 0, 1],
  ['extends a session up to half an hour after it', [0], sessionTimeoutMs, 0],
  ['starts another session more than half an hour after it', [0], sessionTimeoutMs + 1, 1],
  ['extends a session up to half an hour before it', [sessionTimeoutMs], 0, 0],
  ['starts another session more than half an hour before it', [sessionTimeoutMs + 1], 0, 1],
  ['joins two sessions around it', [0, sessionTimeoutMs + 1], 1, -1],
  ['changes nothing within a session', [0, sessionTimeoutMs], 1, 0],
  ['changes nothing at the instant of another view', [5], 5, 0],
])('a page view %s', (_what, views, at, added) => {
  expect(sessionsAdded(views, at)).toBe(added);
});

it('counts the same number of sessions in any order of views', () => {
  const minutes = fc.integer({ min: 0, max: 200 });
  fc.assert(
    fc.property(fc.array(minutes, { maxLength: 12 }), (arrived) => {
      const views = arrived.map((minute) => minute * 60_000);
      const sorted = views.toSorted((a, b) => a - b);
      const expected = sorted.filter(
        (view, index) => index === 0 || view - (sorted[index - 1] ?? 0) > sessionTimeoutMs,
      ).length;

      const total = views.reduce(
        (sum, view, index) => sum + sessionsAdded(views.slice(0, index), view),
        0,
      );

      expect(total).toBe(expected);
    }),
  );
});
