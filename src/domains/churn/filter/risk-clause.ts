import { z } from 'zod';
import type { Condition } from '../../../engine/conditions/condition.ts';
import type { FilterClause } from '../../../engine/conditions/filter-clause.ts';
import { placementCondition } from '../../../engine/conditions/placement-condition.ts';
import { shape } from '../../../engine/conditions/shape.ts';
import { riskBands } from '../risk/risk-model.ts';
import { ifAssessed } from './if-assessed.ts';
import { riskEvidence } from './risk-evidence.ts';
import { bandRuleSet, flaggedKey, flagRuleSet } from './risk-placements.ts';
import { ShareComparison } from './share.ts';

const BandFilter = z
  .strictObject({
    in: z.array(z.enum(riskBands)).min(1).optional(),
    notIn: z.array(z.enum(riskBands)).min(1).optional(),
    forAtLeast: shape.duration.optional(),
  })
  .superRefine((given, ctx) => {
    if ((given.in === undefined) === (given.notIn === undefined)) {
      ctx.addIssue({ code: 'custom', message: 'must have exactly one of: in, notIn' });
    }
    if (given.notIn && given.forAtLeast !== undefined) {
      ctx.addIssue({ code: 'custom', message: '`forAtLeast` goes with `in`' });
    }
  });

const RiskFilter = shape.oneOf({
  band: BandFilter,
  score: ShareComparison,
  pAlive: ShareComparison,
  flagged: z.boolean(),
  flaggedForAtLeast: shape.duration,
});
type RiskFilter = z.infer<typeof RiskFilter>;

declare module '../../../engine/conditions/filter.ts' {
  interface FilterClauses {
    risk: RiskFilter;
  }
}

/** The customer's churn risk. Unassessed customers match only `band.notIn` and `flagged: false`. */
export const riskClause: FilterClause<RiskFilter> = {
  name: 'risk',
  input: RiskFilter,
  resolve(input, { vocabulary }) {
    if (input.score) return ifAssessed({ score: input.score }, vocabulary);
    if (input.pAlive) return ifAssessed({ pAlive: input.pAlive }, vocabulary);
    return input.band ? inBand(input.band) : flagged(input);
  },
  explain: riskEvidence,
};

function inBand({ in: within, notIn, forAtLeast }: z.infer<typeof BandFilter>): Condition {
  const condition = placementCondition({
    ruleSetId: bandRuleSet,
    stages: within ?? notIn ?? [],
    ...(forAtLeast !== undefined && { limit: { forAtLeast } }),
  });
  return within ? condition : { not: condition };
}

function flagged({ flagged: wanted, flaggedForAtLeast: forAtLeast }: RiskFilter): Condition {
  const condition = placementCondition({
    ruleSetId: flagRuleSet,
    stages: [flaggedKey],
    ...(forAtLeast !== undefined && { limit: { forAtLeast } }),
  });
  return wanted === false ? { not: condition } : condition;
}
