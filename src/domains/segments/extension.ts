import type { Extension } from '../../engine/extensions.ts';
import { segmentSubject } from './activate-filter.ts';

export const segmentsExtension: Extension = {
  name: 'segments',
  buildSubjects: [segmentSubject],
};
