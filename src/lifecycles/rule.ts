import type { Facts } from '../customers/facts.ts';

/** The facts a stage's rule may ask for. */
export interface RuleFacts extends Pick<Facts, 'orders'> {
  /** Known by a user id or an e-mail address. */
  identified: boolean;
  /** Has been captured as a lead or has signed up. */
  lead: boolean;
}

/** A stage's rule as it is stored. (The general condition language will take this place.) */
export type Rule =
  | { all: Rule[] }
  | { any: Rule[] }
  | { fact: 'identified' | 'lead'; is: boolean }
  | { fact: 'orders'; atLeast: number };

export function holds(rule: Rule, facts: RuleFacts): boolean {
  if ('all' in rule) return rule.all.every((part) => holds(part, facts));
  if ('any' in rule) return rule.any.some((part) => holds(part, facts));
  if (rule.fact === 'orders') return facts.orders >= rule.atLeast;
  return facts[rule.fact] === rule.is;
}

/** The last stage, in the lifecycle's order, whose rule holds. */
export const stageOf = <S extends { rule: Rule }>(stages: readonly S[], facts: RuleFacts) =>
  stages.findLast(({ rule }) => holds(rule, facts));
