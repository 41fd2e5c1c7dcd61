import type { ScoreReason } from '../../src/domains/churn/risk/reasons.ts';
import { type RiskBand, riskBands } from '../../src/domains/churn/risk/risk-model.ts';
import { builder } from '../kernel/builder.ts';

const bandTexts = {
  LOW: { description: 'Normal risk.' },
  MEDIUM: { description: 'Inactivity is somewhat more likely than average in this workspace.' },
  HIGH: { description: 'Most customers with this score become inactive.' },
  LAPSED: { description: 'Almost no customer with this score returns within the horizon.' },
} as const satisfies Record<RiskBand, { description: string }>;

export const RiskBandType = builder.enumType('RiskBand', {
  description:
    'The level of churn risk. The thresholds are derived from past outcomes in the workspace: see `ChurnModel.bands`.',
  values: bandTexts,
});

/** From low to high. */
export const bandsFrom = (least: RiskBand): readonly RiskBand[] =>
  riskBands.slice(riskBands.indexOf(least));

const reasonTexts = {
  ONE_TIME_BUYER: { description: 'Active once, and not again yet.' },
  SHORT_HISTORY: { description: 'Returned one to three times.' },
  LOYAL_HISTORY: { description: 'Returned more than three times.' },
  SILENT_VS_OWN_RHYTHM: {
    description: "The present inactivity compared with the customer's usual intervals.",
  },
  SILENT_SINCE_FIRST_TIME: { description: 'The inactivity since the first time.' },
  RARE_BY_NATURE: { description: 'Infrequent customers may return only after the horizon.' },
  EXPERIENCE_HERE: { description: 'Past outcomes of similar customers in this workspace.' },
  PLAN: { description: 'The renewal rate of the subscription plan.' },
  SHORT_TENURE: { description: 'Fewer renewals than average.' },
  LONG_TENURE: { description: 'An average number of renewals or more.' },
  USE_FELL: { description: 'Less usage than in the previous period.' },
  USE_ROSE: { description: 'More usage than in the previous period.' },
  USE_STEADY: { description: 'The same usage as in the previous period.' },
  USE_UNKNOWN: { description: 'No previous period to compare usage with.' },
  PAYMENT_FAILED: { description: 'A payment failed and is still open.' },
  PAYMENTS_IN_ORDER: { description: 'No failed payment is open.' },
  LOW_SATISFACTION: { description: 'The latest satisfaction score is 6 of 10 or less.' },
  SATISFIED: { description: 'The latest satisfaction score is above 6 of 10.' },
  SATISFACTION_UNKNOWN: { description: 'No satisfaction score is known.' },
  RENEWAL_NEAR: { description: 'The renewal is due within a week.' },
  RENEWAL_OVERDUE: { description: 'The renewal is overdue.' },
  AVERAGE_HERE: { description: 'The average renewal rate of the workspace.' },
  SUBSCRIPTION_CANCELLED: { description: 'The subscription was cancelled.' },
  NOT_RENEWED: { description: 'The renewal was not received within 30 days.' },
} as const satisfies Record<ScoreReason['code'], { description: string }>;

const RiskReasonCode = builder.enumType('RiskReasonCode', {
  description: 'The code of a reason for a score.',
  values: reasonTexts,
});

export const RiskReason = builder.objectRef<ScoreReason>('RiskReason').implement({
  description: 'One of the terms that add up to a score.',
  fields: (t) => ({
    code: t.expose('code', { type: RiskReasonCode }),
    text: t.exposeString('text', { description: 'A sentence for display.' }),
    contribution: t.exposeFloat('contribution', {
      description:
        'The contribution to the log-odds of the score, positive for a higher risk. All contributions add up to `logOdds`.',
    }),
  }),
});
