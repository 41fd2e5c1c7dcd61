import type { Filter } from '../../src/engine/conditions/filter.ts';
import {
  countFacts,
  type ReferenceCall,
  type ReferenceSettings,
  traitsOf,
} from './reference-facts.ts';

export interface ReferenceEvent {
  call: ReferenceCall;
  /** In ms since 1970. */
  at: number;
  /** The identities in the call that belong to the customer, as `kind:value`. */
  names: string[];
}

/** A move between stages of the default lifecycle. */
export interface ReferenceMove {
  at: number;
  /** Its number among all changes. */
  position: number;
  from: string | null;
  /** Null if the customer was merged into another one then. */
  to: string | null;
}

/** The history of a customer, against which filters are evaluated. */
export interface ReferenceHistory extends ReferenceSettings {
  /** In order of arrival, those of merged customers included. */
  events: ReferenceEvent[];
  /** In order of occurrence. */
  moves: ReferenceMove[];
  /** The same of each customer that was merged into it. */
  mergedMoves: ReferenceMove[][];
  /** The filters of the workspace's segments, by key. */
  segments: Readonly<Record<string, Filter>>;
}

const facts = new WeakMap<ReferenceEvent[], ReturnType<typeof countFacts>>();
const traits = new WeakMap<ReferenceEvent[], Record<string, unknown>>();

/** Cached per list of events, which must not be modified. */
export function referenceFactsOf({ events, timeZone, currency }: ReferenceHistory) {
  const counted = facts.get(events) ?? countFacts(events, { timeZone, currency });
  facts.set(events, counted);
  return counted;
}

export function traitOf({ events }: ReferenceHistory, name: string): unknown {
  const counted = traits.get(events) ?? traitsOf(events);
  traits.set(events, counted);
  return Object.hasOwn(counted, name) ? counted[name] : undefined;
}

/** The history until an instant, as if every event had arrived in time. */
export function historyUntil(history: ReferenceHistory, at: number): ReferenceHistory {
  const has = ({ at: time }: { at: number }) => time <= at;
  return {
    ...history,
    // The same array if nothing is omitted, because facts are cached by array.
    events: history.events.every(has) ? history.events : history.events.filter(has),
    moves: history.moves.filter(has),
    mergedMoves: history.mergedMoves.map((moves) => moves.filter(has)),
  };
}

/** The identities of the customer. */
export const namesOf = ({ events }: ReferenceHistory): string[] =>
  events.flatMap(({ names }) => names);
