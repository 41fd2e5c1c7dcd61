import type { Extension } from '../../engine/extensions.ts';
import { segmentSubject } from './activate-filter.ts';
import { segmentClause } from './filter/segment-clause.ts';
import { addPendingFilters, selectSegments } from './filter/segment-vocabulary.ts';
import { membershipRules } from './membership-rules.ts';
import { segmentChangeKinds, segmentTopics } from './segment-changes.ts';
import { memberTopics } from './was-member.ts';

export const segmentsExtension: Extension = {
  name: 'segments',
  changeKinds: segmentChangeKinds,
  topicsOf: segmentTopics,
  topicLookups: [memberTopics],
  ruleSetKinds: [membershipRules],
  buildSubjects: [segmentSubject],
  clauses: [segmentClause],
  vocabulary: { segments: selectSegments },
  addPending: addPendingFilters,
};
