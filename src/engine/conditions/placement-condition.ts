import { addDuration } from '../../platform/time/add-duration.ts';
import { requireDuration } from '../../platform/time/duration.ts';
import { type Answer, answerUntil, permanentAnswer } from './clause.ts';
import type { AtomicCondition, ConditionKind, EvaluationPoint } from './condition.ts';
import type { PlacementCondition } from './scope.ts';

/** Whether the customer is, or was, in one of the stages of a rule set. */
export const placementCondition = (
  data: PlacementCondition,
): AtomicCondition<PlacementCondition> => ({ kind: placementKind, data });

const placementKind: ConditionKind<PlacementCondition> = {
  name: 'placement',
  compile: (data, scope) => scope.placement(data),
  inMemory: {
    answer: (data, _loaded, point) => answerPlacement(data, point),
    ruleSets: ({ ruleSetId }) => [ruleSetId],
  },
};

function answerPlacement(
  { ruleSetId, stages, limit }: PlacementCondition,
  { at, timeZone, placementIn }: EvaluationPoint,
): Answer {
  const placement = placementIn(ruleSetId);
  if (!placement) return permanentAnswer(false);
  const isThere = stages.includes(placement.stageKey);
  if (!limit) return permanentAnswer(isThere);
  const later = (from: number, duration: string) =>
    addDuration(from, requireDuration(duration), timeZone);
  if ('forAtLeast' in limit || 'enteredWithin' in limit) {
    if (!isThere) return permanentAnswer(false);
    const isLong = 'forAtLeast' in limit;
    const end = later(placement.since, isLong ? limit.forAtLeast : limit.enteredWithin);
    return at < end ? answerUntil(!isLong, end) : permanentAnswer(isLong);
  }
  if (isThere) return permanentAnswer(true);
  const left = Math.max(-Infinity, ...stages.map((stage) => placement.leftAt[stage] ?? -Infinity));
  if ('ever' in limit || left === Infinity) return permanentAnswer(left > -Infinity);
  const end = left > -Infinity ? later(left, limit.within) : -Infinity;
  return at < end ? answerUntil(true, end) : permanentAnswer(false);
}
