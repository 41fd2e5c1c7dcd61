import { addFilterClauses } from '../filter/filter.ts';
import { NumberComparison } from '../filter/filter-comparisons.ts';
import { builder } from '../kernel/builder.ts';
import { RiskBandType } from './risk-parts.ts';

const ShareRange = builder.inputType('ShareRange', {
  description: 'Two probabilities, from 0 to 1.',
  fields: (t) => ({
    from: t.float({ required: true }),
    to: t.float({ required: true }),
  }),
});

const ShareComparison = builder.inputType('ShareComparison', {
  description:
    'How a probability must be, from 0 to 1. As it moves with time, it is not asked for exactly.',
  isOneOf: true,
  fields: (t) => ({
    atLeast: t.float({ description: 'This or more.' }),
    below: t.float({ description: 'Less than this.' }),
    between: t.field({ type: ShareRange, description: 'From `from` on, and below `to`.' }),
  }),
});

const BandCondition = builder.inputType('BandCondition', {
  description: 'Bands of risk: exactly one of `in` and `notIn`.',
  fields: (t) => ({
    in: t.field({ type: [RiskBandType] }),
    notIn: t.field({
      type: [RiskBandType],
      description: 'In none of these, which holds also of whoever is not assessed.',
    }),
    forAtLeast: t.field({
      type: 'Duration',
      description: 'Has been in the present one for this span or longer; goes with `in`.',
    }),
  }),
});

const RiskCondition = builder.inputType('RiskCondition', {
  description:
    'The danger of losing a customer, at the very instant that is asked about. Nothing but `band.notIn` and `flagged: false` holds of whoever is not assessed, and nobody is without a model in force.',
  isOneOf: true,
  fields: (t) => ({
    band: t.field({ type: BandCondition }),
    score: t.field({
      type: ShareComparison,
      description:
        'P(no activity within the horizon) or, of subscribers, P(the next renewal does not come), calibrated. Of subscribers it cannot be asked of the past.',
    }),
    pAlive: t.field({
      type: ShareComparison,
      description: 'P(will ever be active again); of subscribers 1 until the subscription is lost.',
    }),
    flagged: t.boolean({ description: 'Is flagged as a churn risk, or is not.' }),
    flaggedForAtLeast: t.field({
      type: 'Duration',
      description: 'Has been flagged for this span or longer.',
    }),
  }),
});

addFilterClauses((t) => ({
  risk: t.field({ type: RiskCondition, description: "The customer's churn risk." }),
  lifetimeValue: t.field({
    type: NumberComparison,
    description:
      'The expected spending within one year, as of the last order or renewal, discounted by 10 % a year, in minor units. Silence since then does not reduce it. Without an active model no customer matches.',
  }),
}));
