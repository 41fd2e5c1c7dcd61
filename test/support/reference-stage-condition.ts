import type { StageCondition } from '../../src/domains/lifecycles/filter/stage-clause.ts';
import type { ReferenceHistory } from './customer-history.ts';
import { shift } from './reference-calendar.ts';

/** The stage of a customer at an instant, and its moves until then. */
function placeAt({ moves }: ReferenceHistory, at: number) {
  const past = moves.filter((move) => move.at <= at);
  return { present: past.at(-1), past };
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
  const { present, past } = placeAt(history, at);
  if (!present) return false;
  const isInStage = keys.includes(present.to);
  const { forAtLeast, enteredWithin, within, ever } = condition;
  if (forAtLeast !== undefined) return isInStage && shift(present.at, forAtLeast, timeZone) <= at;
  if (enteredWithin !== undefined) {
    return isInStage && at < shift(present.at, enteredWithin, timeZone);
  }
  if (isInStage) return true;
  const exits = past.filter(({ from }) => from !== null && keys.includes(from));
  if (ever) return exits.length > 0;
  const last = exits.at(-1);
  return within !== undefined && last !== undefined && shift(last.at, within, timeZone) > at;
}

/** The instants at which the answer may change. */
export function stageCriticalInstants(
  { moves, timeZone }: ReferenceHistory,
  condition: StageCondition,
): number[] {
  const span = condition.forAtLeast ?? condition.enteredWithin ?? condition.within;
  return moves.flatMap(({ at }) => [
    at,
    ...(span === undefined ? [] : [shift(at, span, timeZone)]),
  ]);
}
