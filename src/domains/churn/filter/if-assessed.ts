import type { Condition } from '../../../engine/conditions/condition.ts';
import type { Vocabulary } from '../../../engine/conditions/vocabulary.ts';
import { type RiskCriterion, riskCondition } from './risk-condition.ts';

/** A condition by the active model; without one no customer is assessed, and none matches. */
export const ifAssessed = (
  criterion: RiskCriterion,
  { riskModel: model }: Vocabulary,
): Condition => (model ? riskCondition({ model, criterion }) : { any: [] });
