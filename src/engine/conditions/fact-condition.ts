import type { Fact } from '../customers/fact.ts';
import { factType, requireFact } from '../customers/fact-table.ts';
import { singleEntry } from './compare.ts';
import type { FactCondition, InstantComparison, NumberComparison } from './filter.ts';

type ResolvedFactCondition = { fact: Fact } & (
  | { type: 'number'; comparison: NumberComparison }
  | { type: 'instant'; comparison: InstantComparison }
  | { type: 'boolean'; comparison: boolean }
);

/** The fact that a condition is about, with a comparison of its type. */
export function resolveFactCondition(condition: FactCondition): ResolvedFactCondition {
  const [name, comparison] = singleEntry(condition);
  const fact = requireFact(name);
  // The parser accepts no other comparison for a fact of this type.
  return { fact, type: factType(fact), comparison } as ResolvedFactCondition;
}
