import type { Extension } from '../../engine/extensions.ts';
import { recordEffects } from './effects.ts';
import { recordFacts } from './facts.ts';

export const recordsExtension: Extension = {
  name: 'records',
  eventEffects: recordEffects,
  facts: recordFacts,
};
