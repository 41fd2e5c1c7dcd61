import { eventEffects } from '../customers/effects.ts';
import type { Fact } from '../customers/fact.ts';
import { effectsOf } from '../customers/fact-table.ts';
import { matchesZero } from './event-clause.ts';
import { resolveFactCondition } from './fact-condition.ts';
import type { FactCondition } from './filter.ts';

/** The first listed names of the events that a fact is derived from. */
export const defaultEventNames = (fact: Fact): string[] =>
  (effectsOf(fact) ?? []).flatMap((effect) => eventEffects().get(effect)?.events[0] ?? []);

/** Whether a customer without events satisfies the condition. */
export function matchesWithoutEvents(condition: FactCondition): boolean {
  const { fact, type, comparison } = resolveFactCondition(condition);
  if (type === 'boolean') return !comparison;
  if (type === 'instant') return comparison.exists === false;
  return !('isNullable' in fact && fact.isNullable) && matchesZero(comparison);
}
