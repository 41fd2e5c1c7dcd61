import type { Extension } from '../../engine/extensions.ts';
import { lifecycleSubject } from './activate-stages.ts';

export const lifecyclesExtension: Extension = {
  name: 'lifecycles',
  buildSubjects: [lifecycleSubject],
};
