import { isConsent } from '../customers/reserved-traits.ts';
import { compareJson, singleEntry } from './compare.ts';
import type { AtomicCondition, ConditionKind } from './condition.ts';
import { TraitCondition } from './filter.ts';
import type { FilterClause } from './filter-clause.ts';
import { InvalidFilter } from './invalid-filter.ts';
import { traitEvidence } from './trait-evidence.ts';

const traitKind: ConditionKind<TraitCondition> = {
  name: 'trait',
  compile: ({ name, is }, scope) => compareJson(scope.trait(name), is, scope.timeZone),
  answerWithout({ name, is }, absent) {
    if (!absent.traits.has(name)) return undefined;
    const [kind, operand] = singleEntry(is);
    if (kind === 'exists') return !operand;
    return kind === 'date' && operand.exists === false;
  },
};

const traitCondition = (data: TraitCondition): AtomicCondition<TraitCondition> => ({
  kind: traitKind,
  data,
});

/** Whether a trait is this boolean. */
export const hasFlag = (name: string, boolean: boolean) =>
  traitCondition({ name, is: { boolean } });

export const traitClause: FilterClause<TraitCondition> = {
  name: 'trait',
  input: TraitCondition,
  resolve(data, { path }) {
    if (!isConsent(data.name)) return traitCondition(data);
    throw new InvalidFilter(path, 'names a consent. Use the clause `consent`');
  },
  explain: ({ name, is }, query) =>
    traitEvidence(name, (value) => compareJson(value, is, query.vocabulary.timeZone), query),
};
