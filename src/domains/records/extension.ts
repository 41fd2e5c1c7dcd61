import type { Extension } from '../../engine/extensions.ts';
import { recordEffects } from './effects.ts';
import { recordFacts } from './facts.ts';
import { leadKind } from './leads/lead-kind.ts';
import { orderKind, refundKind } from './orders/order-kind.ts';
import { subscriptionKind } from './subscriptions/subscription-kind.ts';

export const recordsExtension: Extension = {
  name: 'records',
  eventEffects: recordEffects,
  facts: recordFacts,
  recordKinds: [orderKind, refundKind, subscriptionKind, leadKind],
};
