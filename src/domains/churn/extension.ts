import type { Extension } from '../../engine/extensions.ts';
import { churnModelJob } from './churn-model-job.ts';
import { selectActiveModel } from './filter/active-model.ts';
import { lifetimeValueClause } from './filter/lifetime-value-clause.ts';
import { riskClause } from './filter/risk-clause.ts';
import { riskPlacements } from './filter/risk-placements.ts';
import { refitJob } from './refit-job.ts';
import { churnChangeKinds, churnTopics } from './rules/churn-changes.ts';
import { riskRules } from './rules/risk-rules.ts';

export const churnExtension: Extension = {
  name: 'churn',
  changeKinds: churnChangeKinds,
  topicsOf: churnTopics,
  ruleSetKinds: [riskRules],
  clauses: [riskClause, lifetimeValueClause],
  vocabulary: { riskModel: selectActiveModel },
  placements: riskPlacements,
  jobs: [churnModelJob, refitJob],
};
