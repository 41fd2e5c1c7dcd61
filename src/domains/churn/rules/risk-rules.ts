import type { Condition } from '../../../engine/conditions/condition.ts';
import type { ResolvedRuleSet, StageRules } from '../../../engine/evaluation/rule-set.ts';
import type {
  CustomerMerge,
  RuleSetGroup,
  RuleSetKind,
} from '../../../engine/evaluation/rule-set-kind.ts';
import type { Transaction } from '../../../platform/database.ts';
import { sql } from '../../../platform/sql.ts';
import { lifecycleKind } from '../../lifecycles/stage-rules.ts';
import { segmentKind } from '../../segments/membership-rules.ts';
import type { ActiveRiskModel } from '../filter/active-model.ts';
import { type RiskCriterion, riskCondition } from '../filter/risk-condition.ts';
import { bandRuleSet, flaggedKey, flagRuleSet } from '../filter/risk-placements.ts';
import { raisedBands } from '../risk/risk-model.ts';
import { riskChange } from './risk-changes.ts';
import { storeRisks } from './store-risks.ts';

/** The bands of churn risk and the flag as rule sets, with their placements in `customer_risk`. Decision 0014. */
export const riskRules: RuleSetKind = {
  name: 'RISK',
  precedes: [lifecycleKind, segmentKind],
  resolve: ({ riskModel }) => (riskModel ? riskGroup(riskModel) : undefined),
  selectPlacements: (workspaceId) => sql`
    select placement.rule_set as "setId", placement.stage_key as "stageKey", placement.since, null::jsonb as "leftAt",
      null::timestamptz as "pinnedUntil", placement.data
    from customer_risk r cross join lateral (values
      (${bandRuleSet}::text, r.band, r.since, json_build_object('modelId', r.model_id, 'x', r.x,
        'last', round(extract(epoch from r.last_at) * 1000))),
      (${flagRuleSet}::text, ${flaggedKey}::text, r.flagged_since, null)
    ) as placement (rule_set, stage_key, since, data)
    where r.workspace_id = ${workspaceId}::uuid and r.customer_id = customer.id
      and placement.since is not null`,
  release: releaseRisk,
};

const riskGroup = (model: ActiveRiskModel): RuleSetGroup => ({
  sets: riskSets(model),
  activation: { at: Date.parse(model.activatedAt), cause: 'MODEL_REFIT' },
  store: (db, { outcomes }) => storeRisks(db, model, outcomes),
  toChange: (customerId, move, sets) => riskChange(customerId, move, { model, sets }),
});

function riskSets(model: ActiveRiskModel): ResolvedRuleSet[] {
  const base = {
    subjectId: model.id,
    version: model.version,
    buildId: null,
    appliesTo: 'ALL',
    keepsUnmatched: false,
  } as const;
  const rule = (criterion: RiskCriterion): Condition => riskCondition({ model, criterion });
  const raised = raisedBands.map((band) =>
    stage(band, rule({ band, kept: false }), rule({ band, kept: true })),
  );
  const flag = { flag: true } as const;
  return [
    // The score is at least 0 for every customer that was ever active.
    {
      ...base,
      id: bandRuleSet,
      stages: [stage('LOW', rule({ score: { atLeast: 0 } })), ...raised],
    },
    {
      ...base,
      id: flagRuleSet,
      stages: [stage(flaggedKey, rule({ ...flag, kept: false }), rule({ ...flag, kept: true }))],
    },
  ];
}

const stage = (key: string, entry: Condition, stay?: Condition): StageRules<Condition> => ({
  key,
  filter: { all: [] },
  entry,
  stay,
});

async function releaseRisk(db: Transaction, { from }: CustomerMerge) {
  const { rows } = await db.query<{ band: string; flagged: boolean }>(sql`
    delete from customer_risk where workspace_id = ${db.workspaceId} and customer_id = ${from}
    returning band, flagged_since is not null as flagged`);
  const [risk] = rows;
  return { released: risk ? { risk } : {} };
}
