import type { CustomerState } from '../customers/state.ts';
import type { RuleFacts } from './rule.ts';

/** What the rules of stages may know of a customer. */
export const ruleFacts = ({ facts, userId, email }: CustomerState): RuleFacts => ({
  orders: facts.orders,
  identified: userId !== null || email !== null,
  lead: facts.leadAt !== null,
});
