import type { AtomicCondition } from '../../../engine/conditions/condition.ts';
import type { Tree } from '../../../engine/conditions/tree.ts';
import type { RuleSet, StageRules } from '../../../engine/evaluation/rules.ts';
import type { ActiveRiskModel } from '../filter/active-model.ts';
import { type RiskCondition, riskCondition } from '../filter/risk-condition.ts';
import { bandPlace, flaggedKey, flagPlace } from '../filter/risk-placements.ts';
import { raisedBands } from '../risk/risk-model.ts';

/** Whether the customer was ever active: without that there is no risk. */
export const everActive = (model: ActiveRiskModel): AtomicCondition<RiskCondition> =>
  riskCondition({ model, asks: { score: { atLeast: 0 } } });

/** The bands of risk and the flag as sets of rules like any other. */
export function riskSets(model: ActiveRiskModel): RuleSet[] {
  const { id: subjectId, version } = model;
  const base = { kind: 'RISK', subjectId, version, buildId: null, asksPlaces: false } as const;
  const rule = (asks: RiskCondition['asks']): Tree => riskCondition({ model, asks });
  const stage = (key: string, entry: Tree, stay: Tree | undefined): StageRules => ({
    key,
    filter: { all: [] },
    entry,
    stay,
  });
  const raised = raisedBands.map((band) =>
    stage(band, rule({ band, kept: false }), rule({ band, kept: true })),
  );
  const flag = { flag: true } as const;
  return [
    { ...base, id: bandPlace, stages: [stage('LOW', everActive(model), undefined), ...raised] },
    {
      ...base,
      id: flagPlace,
      stages: [stage(flaggedKey, rule({ ...flag, kept: false }), rule({ ...flag, kept: true }))],
    },
  ];
}
