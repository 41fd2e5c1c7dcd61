import type { Extension } from '../../engine/extensions.ts';
import { recordEffects } from './effects.ts';
import { recordFacts } from './facts.ts';
import { orderKind } from './orders/order-kind.ts';

export const recordsExtension: Extension = {
  name: 'records',
  eventEffects: recordEffects,
  facts: recordFacts,
  recordKinds: [orderKind],
};
