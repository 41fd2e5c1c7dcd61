import type { Extension } from '../../engine/extensions.ts';
import { segmentSubject } from './activate-filter.ts';
import { segmentClause } from './filter/segment-clause.ts';

export const segmentsExtension: Extension = {
  name: 'segments',
  buildSubjects: [segmentSubject],
  clauses: [segmentClause],
};
