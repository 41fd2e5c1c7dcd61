import { expect, it } from 'vitest';
import { isRefitDue } from '../../../src/domains/churn/refit-job.ts';

const day = 86_400_000;
const now = new Date('2026-03-15T00:00:00Z');
const modelOf = (ageDays: number, fittedEvents: number, events: number) => ({
  createdAt: new Date(now.getTime() - ageDays * day),
  fittedEvents,
  events,
});

it.each([
  ['no model yet', undefined, true],
  ['a young model and few new events', modelOf(1, 1_000, 1_049), false],
  ['a young model and 5 % new events', modelOf(1, 1_000, 1_050), true],
  ['a model just under a week old', modelOf(6.99, 1_000, 1_000), false],
  ['a week-old model', modelOf(7, 1_000, 1_000), true],
  ['a model fitted without events, and no new events', modelOf(1, 0, 0), false],
  ['a model fitted without events, and one new event', modelOf(1, 0, 1), true],
])('given %s: %s', (_what, latest, expected) => {
  expect(isRefitDue(latest, now)).toBe(expected);
});
