import type { Condition } from '../../../engine/conditions/condition.ts';
import type { Vocabulary } from '../../../engine/conditions/vocabulary.ts';
import { type RiskCondition, riskCondition } from './risk-condition.ts';

/** A condition by the active model; without one no customer is assessed, and none matches. */
export const ifAssessed = (
  asks: RiskCondition['asks'],
  { riskModel: model }: Vocabulary,
): Condition => (model ? riskCondition({ model, asks }) : { any: [] });
