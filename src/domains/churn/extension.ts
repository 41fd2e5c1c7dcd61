import type { Extension } from '../../engine/extensions.ts';

export const churnExtension: Extension = { name: 'churn' };
