import type { Extension } from '../../engine/extensions.ts';
import { handOffs } from './hand-offs.ts';

export const tasksExtension: Extension = {
  name: 'tasks',
  consequences: [handOffs],
};
