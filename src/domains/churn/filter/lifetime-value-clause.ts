import { NumberComparison } from '../../../engine/conditions/filter.ts';
import type { FilterClause } from '../../../engine/conditions/filter-clause.ts';
import { ifAssessed } from './if-assessed.ts';
import { riskEvidence } from './risk-evidence.ts';

declare module '../../../engine/conditions/filter.ts' {
  interface FilterClauses {
    lifetimeValue: NumberComparison;
  }
}

/** Expected for a year as of just after the last order, in minor units. */
export const lifetimeValueClause: FilterClause<NumberComparison> = {
  name: 'lifetimeValue',
  input: NumberComparison,
  resolve: (value, { vocabulary }) => ifAssessed({ value }, vocabulary),
  explain: riskEvidence,
};
