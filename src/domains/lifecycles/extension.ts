import type { Extension } from '../../engine/extensions.ts';

export const lifecyclesExtension: Extension = { name: 'lifecycles' };
