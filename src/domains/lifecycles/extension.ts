import type { Extension } from '../../engine/extensions.ts';
import { lifecycleSubject } from './activate-stages.ts';
import { stageClause } from './filter/stage-clause.ts';
import { stagePlacements } from './filter/stage-placements.ts';

export const lifecyclesExtension: Extension = {
  name: 'lifecycles',
  buildSubjects: [lifecycleSubject],
  clauses: [stageClause],
  placements: stagePlacements,
};
