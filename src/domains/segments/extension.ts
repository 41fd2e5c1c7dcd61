import type { Extension } from '../../engine/extensions.ts';

export const segmentsExtension: Extension = { name: 'segments' };
