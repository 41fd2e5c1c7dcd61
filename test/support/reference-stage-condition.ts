import type { StageCondition } from '../../src/domains/lifecycles/filter/stage-clause.ts';
import type { ReferenceHistory } from './customer-history.ts';
import { shift } from './reference-calendar.ts';

/**
 * The last move of a customer until an instant, and those of the customers merged into it. Before its own first move the
 * last move of the others into a stage counts.
 */
function placesAt({ moves, mergedMoves }: ReferenceHistory, at: number) {
  const lists = [moves, ...mergedMoves].map((list) => list.filter((move) => move.at <= at));
  const places = lists.flatMap((list) => list.at(-1) ?? []);
  const [own = [], ...others] = lists;
  const entries = others.flat().filter(({ to }) => to !== null);
  const lastEntry = entries.toSorted((a, b) => a.at - b.at || a.position - b.position).at(-1);
  return { present: own.at(-1) ?? lastEntry, places, past: lists.flat() };
}

/** Evaluates a condition on the default lifecycle. `notIn` is the negation of `in`. */
export function matchesStage(
  history: ReferenceHistory,
  condition: StageCondition,
  at: number,
): boolean {
  const keys = (condition.in ?? condition.notIn ?? []).map((key) => key.toUpperCase());
  const isIn = isInAny(history, condition, keys, at);
  return condition.in ? isIn : !isIn;
}

function isInAny(
  history: ReferenceHistory,
  condition: StageCondition,
  keys: string[],
  at: number,
): boolean {
  const { timeZone } = history;
  const { present, places, past } = placesAt(history, at);
  if (!present) return false;
  const isInStage = present.to !== null && keys.includes(present.to);
  const { forAtLeast, enteredWithin, within, ever } = condition;
  if (forAtLeast !== undefined) return isInStage && shift(present.at, forAtLeast, timeZone) <= at;
  if (enteredWithin !== undefined) {
    return isInStage && at < shift(present.at, enteredWithin, timeZone);
  }
  if (isInStage) return true;
  const limited = ever ?? within;
  if (limited !== undefined && places.some(({ to }) => to !== null && keys.includes(to)))
    return true;
  const exits = past.filter(({ from }) => from !== null && keys.includes(from));
  if (ever) return exits.length > 0;
  const last = Math.max(-Infinity, ...exits.map((move) => move.at));
  return within !== undefined && last > -Infinity && shift(last, within, timeZone) > at;
}

/** The instants at which the answer may change. */
export function stageCriticalInstants(
  { moves, mergedMoves, timeZone }: ReferenceHistory,
  condition: StageCondition,
): number[] {
  const span = condition.forAtLeast ?? condition.enteredWithin ?? condition.within;
  return [moves, ...mergedMoves]
    .flat()
    .flatMap(({ at }) => [at, ...(span === undefined ? [] : [shift(at, span, timeZone)])]);
}
