import type { TimedAnswer } from '../../src/engine/conditions/answer.ts';
import type { Filter } from '../../src/engine/conditions/filter.ts';
import type { ReferenceCustomer } from './condition-workspace.ts';
import { historyUntil } from './customer-history.ts';
import { toText } from './random-times.ts';
import { criticalInstants, matchesFilter } from './reference-conditions.ts';

/** A test case: does the customer match the filter at the instant, and until when? */
export interface ConditionCase {
  filter: Filter;
  known: ReferenceCustomer;
  at: number;
}

const pickFrom = (instants: readonly number[], pick: number | undefined): number[] =>
  instants.length > 0 ? instants.slice((pick ?? 0) % instants.length).slice(0, 1) : [];

/** Whether the customer matched the filter at an instant, by what had happened until then. */
export const matchedAt = (filter: Filter, known: ReferenceCustomer, at: number): boolean =>
  matchesFilter(filter, historyUntil(known, at), at);

/**
 * Instants at which the answer for a customer may change, and the last millisecond before each: at the last event, two
 * after it, and two between the first and the last event. Half of them are instants at which the answer does change, if
 * there is one.
 */
export function createCases(
  filter: Filter,
  known: ReferenceCustomer,
  picks: readonly number[],
): ConditionCase[] {
  const times = known.events.map(({ at }) => at);
  const first = Math.min(...times);
  const last = Math.max(...times);
  const boundaries = [...new Set([...times, ...criticalInstants(filter, known)])]
    .filter((at) => at >= first)
    .sort((a, b) => a - b);
  const answers = boundaries.map((at) => matchedAt(filter, known, at));
  const changes = boundaries.filter(
    (_, index) => index > 0 && answers[index] !== answers[index - 1],
  );
  const [one, two, three, four] = picks;
  const later = (at: number) => at >= last;
  const earlier = (at: number) => at >= first && at < last;
  const around = (instants: number[]) => instants.flatMap((at) => [at, at - 1]);
  const instants = [
    last,
    ...pickFrom(around(changes).filter(later), one),
    ...pickFrom(around(boundaries).filter(later), two),
    ...pickFrom(around(changes).filter(earlier), three),
    ...pickFrom(around(boundaries).filter(earlier), four),
  ];
  return [...new Set(instants)].map((at) => ({ filter, known, at }));
}

/** Describes what is wrong with an answer; undefined if it is right. */
export function findMismatch(
  { filter, known, at }: ConditionCase,
  answer: TimedAnswer,
): string | undefined {
  const history = historyUntil(known, at);
  const expected = matchesFilter(filter, history, at);
  if (answer.holds !== expected) return `at ${toText(at)} it holds: ${expected}`;
  const next = answer.nextChangeAt?.getTime() ?? Infinity;
  if (next <= at) return `at ${toText(at)} it can not have changed at ${toText(next)}`;
  const criticals = criticalInstants(filter, history).filter((instant) => instant > at);
  if (next !== Infinity && !criticals.includes(next)) {
    return `at ${toText(at)} nothing can change by time at ${toText(next)}`;
  }
  const before = criticals.flatMap((instant) => [instant - 1, instant]);
  const changed = before.filter(
    (instant) =>
      instant > at && instant < next && matchesFilter(filter, history, instant) !== expected,
  );
  if (changed.length === 0) return undefined;
  const actual = next === Infinity ? 'never' : toText(next);
  return `at ${toText(at)} it changes at ${toText(Math.min(...changed))}, not ${actual}`;
}

/** Formats everything that is needed to reproduce a failure. */
export const describeCase = ({ filter, known }: ConditionCase) =>
  JSON.stringify({ filter, ...known, events: known.events.map(({ call }) => call) }, null, 1);
