import { addDuration } from '../../platform/time/add-duration.ts';
import { requireDuration } from '../../platform/time/duration.ts';
import { type Answer, answerOf, forEver } from './clause.ts';
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
  if (!placement) return forEver(false);
  const isThere = stages.includes(placement.stageKey);
  if (!limit) return forEver(isThere);
  const later = (from: number, duration: string) =>
    addDuration(from, requireDuration(duration), timeZone);
  if ('forAtLeast' in limit || 'enteredWithin' in limit) {
    if (!isThere) return forEver(false);
    const isLong = 'forAtLeast' in limit;
    const end = later(placement.since, isLong ? limit.forAtLeast : limit.enteredWithin);
    return at < end ? answerOf(!isLong, end) : forEver(isLong);
  }
  if (isThere) return forEver(true);
  const left = Math.max(-Infinity, ...stages.map((stage) => placement.leftAt[stage] ?? -Infinity));
  if ('ever' in limit) return forEver(left > -Infinity);
  const end = left > -Infinity ? later(left, limit.within) : -Infinity;
  return at < end ? answerOf(true, end) : forEver(false);
}
