import type { Extension } from '../../engine/extensions.ts';

export const tasksExtension: Extension = { name: 'tasks' };
