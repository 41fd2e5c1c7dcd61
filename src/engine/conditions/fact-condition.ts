import type { Fact } from '../customers/fact.ts';
import { factType, requireFact } from '../customers/fact-table.ts';
import { singleEntry } from './compare.ts';
import type { FactCondition, InstantComparison, NumberComparison } from './filter.ts';

type ResolvedFactCondition = { fact: Fact } & (
  | { type: 'number'; comparison: NumberComparison }
  | { type: 'instant'; comparison: InstantComparison }
  | { type: 'boolean'; comparison: boolean }
);

/** Looks up the fact of a condition. */
export function resolveFactCondition(condition: FactCondition): ResolvedFactCondition {
  const [name, comparison] = singleEntry(condition);
  const fact = requireFact(name);
  // The parser accepts only comparisons of the fact's type.
  return { fact, type: factType(fact), comparison } as ResolvedFactCondition;
}
