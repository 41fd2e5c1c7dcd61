import type { Filter } from '../../src/engine/conditions/filter.ts';
import { countFacts, type Reckoning, type ReferenceCall, traitsOf } from './reference-facts.ts';

export interface Happened {
  call: ReferenceCall;
  /** In ms since 1970. */
  at: number;
  /** The names in it that led to the customer, as `kind:value`. */
  names: string[];
}

/** A move between stages of the default lifecycle. */
export interface ReferenceMove {
  at: number;
  from: string | null;
  to: string;
}

/** All that is known of a customer: what filters are asked about. */
export interface ReferenceHistory extends Reckoning {
  /** In the order of arrival, those of everybody merged into it included. */
  events: Happened[];
  /** In the order in which they came about. */
  moves: ReferenceMove[];
  /** What the workspace's segments mean, by key. */
  segments: Readonly<Record<string, Filter>>;
}

const facts = new WeakMap<Happened[], ReturnType<typeof countFacts>>();
const traits = new WeakMap<Happened[], Record<string, unknown>>();

/** Counted once for each list of events, which nobody may change afterwards. */
export function referenceFactsOf({ events, timeZone, currency }: ReferenceHistory) {
  const counted = facts.get(events) ?? countFacts(events, { timeZone, currency });
  facts.set(events, counted);
  return counted;
}

export function traitOf({ events }: ReferenceHistory, name: string): unknown {
  const told = traits.get(events) ?? traitsOf(events);
  traits.set(events, told);
  return Object.hasOwn(told, name) ? told[name] : undefined;
}

/** The story as far as it had come at an instant, if all had been known in time. */
export function storyUpTo(story: ReferenceHistory, at: number): ReferenceHistory {
  const has = ({ at: then }: { at: number }) => then <= at;
  return {
    ...story,
    // The same list where nothing is left out: what was counted of it is still known.
    events: story.events.every(has) ? story.events : story.events.filter(has),
    moves: story.moves.filter(has),
  };
}

/** The names by which the customer has been called. */
export const namesOf = ({ events }: ReferenceHistory): string[] =>
  events.flatMap(({ names }) => names);
