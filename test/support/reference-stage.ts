import type { StageCondition } from '../../src/domains/lifecycles/filter/stage-clause.ts';
import { shift } from './reference-calendar.ts';
import type { Story } from './reference-story.ts';

/** The stage in which a customer is at an instant, and all that it has left before. */
function placeAt({ moves }: Story, at: number) {
  const past = moves.filter((move) => move.at <= at);
  return { present: past.at(-1), past };
}

/** Of the default lifecycle. `notIn` is the contrary of the same with `in`. */
export function stageHolds(story: Story, asked: StageCondition, at: number): boolean {
  const keys = (asked.in ?? asked.notIn ?? []).map((key) => key.toUpperCase());
  const isIn = isInAny(story, asked, keys, at);
  return asked.in ? isIn : !isIn;
}

function isInAny(story: Story, asked: StageCondition, keys: string[], at: number): boolean {
  const { timeZone } = story;
  const { present, past } = placeAt(story, at);
  if (!present) return false;
  const isThere = keys.includes(present.to);
  const { forAtLeast, enteredWithin, within, ever } = asked;
  if (forAtLeast !== undefined) return isThere && shift(present.at, forAtLeast, timeZone) <= at;
  if (enteredWithin !== undefined) {
    return isThere && at < shift(present.at, enteredWithin, timeZone);
  }
  if (isThere) return true;
  const leavings = past.filter(({ from }) => from !== null && keys.includes(from));
  if (ever) return leavings.length > 0;
  const last = leavings.at(-1);
  return within !== undefined && last !== undefined && shift(last.at, within, timeZone) > at;
}

/** When the answer may change. */
export function stageCriticals({ moves, timeZone }: Story, asked: StageCondition): number[] {
  const span = asked.forAtLeast ?? asked.enteredWithin ?? asked.within;
  return moves.flatMap(({ at }) => [
    at,
    ...(span === undefined ? [] : [shift(at, span, timeZone)]),
  ]);
}
