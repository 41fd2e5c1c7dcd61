import { z } from 'zod';
import { traitEvidence } from './evidence.ts';
import type { FilterClause } from './filter-clause.ts';
import { shape } from './shape.ts';
import { hasFlag } from './trait-clause.ts';

export const consentStates = ['GRANTED', 'DENIED', 'UNKNOWN'] as const;

const ConsentCondition = z.strictObject({ purpose: shape.text, is: z.enum(consentStates) });
export type ConsentCondition = z.infer<typeof ConsentCondition>;

declare module './filter.ts' {
  interface FilterClauses {
    consent: ConsentCondition;
  }
}

const traitOf = ({ purpose }: ConsentCondition) => `consent:${purpose}`;

/** A consent is a trait with a reserved name: true, false or absent. */
export const consentClause: FilterClause<ConsentCondition> = {
  name: 'consent',
  input: ConsentCondition,
  resolve(input) {
    const name = traitOf(input);
    if (input.is !== 'UNKNOWN') return hasFlag(name, input.is === 'GRANTED');
    return { not: { any: [hasFlag(name, true), hasFlag(name, false)] } };
  },
  explain: (input, query) => traitEvidence(traitOf(input), query),
};
