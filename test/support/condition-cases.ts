import type { TimedAnswer } from '../../src/engine/conditions/answer.ts';
import type { Filter } from '../../src/engine/conditions/filter.ts';
import type { Known } from './condition-world.ts';
import { toText } from './random-times.ts';
import { criticalInstants, holds } from './reference-conditions.ts';
import { storyUpTo } from './reference-story.ts';

/** One thing to ask: does the filter hold for the customer at the instant, and until when? */
export interface Case {
  filter: Filter;
  known: Known;
  at: number;
}

const pickFrom = (instants: readonly number[], pick: number | undefined): number[] =>
  instants.length > 0 ? instants.slice((pick ?? 0) % instants.length).slice(0, 1) : [];

/** Whether the filter held for the customer as it was known at an instant, the past included. */
export const heldAt = (filter: Filter, known: Known, at: number): boolean =>
  holds(filter, storyUpTo(known, at), at);

/**
 * Instants at which a filter has its edges for a customer, and the last millisecond before them: at the
 * last event, two after it, and two between the first event and the last one. Of these one in two is an
 * instant at which the answer does change, if there is one.
 */
export function casesOf(filter: Filter, known: Known, picks: readonly number[]): Case[] {
  const times = known.events.map(({ at }) => at);
  const first = Math.min(...times);
  const last = Math.max(...times);
  const edges = [...new Set([...times, ...criticalInstants(filter, known)])]
    .filter((at) => at >= first)
    .sort((a, b) => a - b);
  const held = edges.map((at) => heldAt(filter, known, at));
  const turns = edges.filter((_, index) => index > 0 && held[index] !== held[index - 1]);
  const [one, two, three, four] = picks;
  const later = (at: number) => at >= last;
  const earlier = (at: number) => at >= first && at < last;
  const around = (instants: number[]) => instants.flatMap((at) => [at, at - 1]);
  const instants = [
    last,
    ...pickFrom(around(turns).filter(later), one),
    ...pickFrom(around(edges).filter(later), two),
    ...pickFrom(around(turns).filter(earlier), three),
    ...pickFrom(around(edges).filter(earlier), four),
  ];
  return [...new Set(instants)].map((at) => ({ filter, known, at }));
}

/** What is wrong with an answer, in words; nothing if it is right. */
export function faultIn({ filter, known, at }: Case, said: TimedAnswer): string | undefined {
  const story = storyUpTo(known, at);
  const expected = holds(filter, story, at);
  if (said.holds !== expected) return `at ${toText(at)} it holds: ${expected}`;
  const next = said.nextChangeAt?.getTime() ?? Infinity;
  if (next <= at) return `at ${toText(at)} it can not have changed at ${toText(next)}`;
  const criticals = criticalInstants(filter, story).filter((instant) => instant > at);
  if (next !== Infinity && !criticals.includes(next)) {
    return `at ${toText(at)} nothing can change by time at ${toText(next)}`;
  }
  const before = criticals.flatMap((instant) => [instant - 1, instant]);
  const changed = before.filter(
    (instant) => instant > at && instant < next && holds(filter, story, instant) !== expected,
  );
  if (changed.length === 0) return undefined;
  const told = next === Infinity ? 'never' : toText(next);
  return `at ${toText(at)} it changes at ${toText(Math.min(...changed))}, not ${told}`;
}

/** Everything somebody needs who has to find out what went wrong. */
export const describeCase = ({ filter, known }: Case) =>
  JSON.stringify({ filter, ...known, events: known.events.map(({ call }) => call) }, null, 1);
