import { addFilterClauses } from '../filter/filter.ts';
import { NumberComparisonInput } from '../filter/filter-comparisons.ts';
import { builder } from '../kernel/builder.ts';
import { RiskBandType } from './risk-parts.ts';

const ShareRange = builder.inputType('ShareRange', {
  description: 'A range of probabilities, 0 to 1.',
  fields: (t) => ({
    from: t.float({ required: true }),
    to: t.float({ required: true }),
  }),
});

const ShareComparison = builder.inputType('ShareComparison', {
  description:
    'A comparison of a probability, 0 to 1. Exact equality is not available, because it changes with time.',
  isOneOf: true,
  fields: (t) => ({
    atLeast: t.float({ description: 'Greater than or equal to.' }),
    below: t.float({ description: 'Less than.' }),
    between: t.field({
      type: ShareRange,
      description: 'From `from`, inclusive, to `to`, exclusive.',
    }),
  }),
});

const BandCondition = builder.inputType('BandCondition', {
  description: 'Risk bands: exactly one of `in` and `notIn`.',
  fields: (t) => ({
    in: t.field({ type: [RiskBandType] }),
    notIn: t.field({
      type: [RiskBandType],
      description: 'Is in none of these bands. Unassessed customers match.',
    }),
    forAtLeast: t.field({
      type: 'Duration',
      description: 'Has been in the present band for this duration or longer. Only with `in`.',
    }),
  }),
});

const RiskCondition = builder.inputType('RiskCondition', {
  description:
    'The churn risk of a customer at the time of evaluation. Unassessed customers match only `band.notIn` and `flagged: false`. Without an active model every customer is unassessed.',
  isOneOf: true,
  fields: (t) => ({
    band: t.field({ type: BandCondition }),
    score: t.field({
      type: ShareComparison,
      description:
        'P(no activity within the horizon) or, for subscribers, P(no next renewal), calibrated. For subscribers it is not available for the past.',
    }),
    pAlive: t.field({
      type: ShareComparison,
      description:
        'P(will ever be active again). For subscribers, 1 until the subscription has ended.',
    }),
    flagged: t.boolean({ description: 'Whether the customer is flagged as a churn risk.' }),
    flaggedForAtLeast: t.field({
      type: 'Duration',
      description: 'Has been flagged for this duration or longer.',
    }),
  }),
});

addFilterClauses((t) => ({
  risk: t.field({ type: RiskCondition, description: "The customer's churn risk." }),
  lifetimeValue: t.field({
    type: NumberComparisonInput,
    description:
      'The expected spending within one year, as of the last order or renewal, discounted by 10 % a year, in minor units. Later inactivity does not reduce it. Without an active model no customer matches.',
  }),
}));
