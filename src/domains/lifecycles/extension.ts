import type { Extension } from '../../engine/extensions.ts';
import { lifecycleSubject } from './activate-stages.ts';
import { addPendingStages, selectLifecycles } from './filter/lifecycle-vocabulary.ts';
import { stageClause } from './filter/stage-clause.ts';
import { stagePlacements } from './filter/stage-placements.ts';
import { stageChangeKinds, stageTopics } from './stage-changes.ts';
import { stageRules } from './stage-rules.ts';

export const lifecyclesExtension: Extension = {
  name: 'lifecycles',
  changeKinds: stageChangeKinds,
  topicsOf: stageTopics,
  ruleSetKinds: [stageRules],
  buildSubjects: [lifecycleSubject],
  clauses: [stageClause],
  vocabulary: { lifecycles: selectLifecycles },
  addPending: addPendingStages,
  placements: stagePlacements,
};
