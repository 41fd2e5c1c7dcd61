import type { Extension } from '../../engine/extensions.ts';

export const recordsExtension: Extension = { name: 'records' };
