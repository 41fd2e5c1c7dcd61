import type { ScoreReason } from '../../src/domains/churn/risk/reasons.ts';
import { type RiskBand, riskBands } from '../../src/domains/churn/risk/risk-model.ts';
import { builder } from '../kernel/builder.ts';

const bandTexts = {
  LOW: { description: 'Nothing out of the ordinary.' },
  MEDIUM: { description: 'Silent somewhat more often than others here.' },
  HIGH: { description: 'Most customers like this one stay away.' },
  LAPSED: { description: 'Hardly any customer like this one comes back within the horizon.' },
} as const satisfies Record<RiskBand, { description: string }>;

export const RiskBandType = builder.enumType('RiskBand', {
  description:
    "How near a customer is to being lost, from safe to as good as gone. The scores at which bands begin come from what became of the workspace's own customers: see `ChurnModel.bands`.",
  values: bandTexts,
});

/** From low to high. */
export const bandsFrom = (least: RiskBand): readonly RiskBand[] =>
  riskBands.slice(riskBands.indexOf(least));

const reasonTexts = {
  ONE_TIME_BUYER: { description: 'There once, and not back yet.' },
  SHORT_HISTORY: { description: 'Came back three times at most.' },
  LOYAL_HISTORY: { description: 'Came back more often than that.' },
  SILENT_VS_OWN_RHYTHM: { description: "The present silence against the customer's own pauses." },
  SILENT_SINCE_FIRST_TIME: { description: 'The silence since the first time.' },
  RARE_BY_NATURE: { description: 'Even who will come back need not do so within the horizon.' },
  EXPERIENCE_HERE: { description: 'What became of such customers in this workspace before.' },
  PLAN: { description: 'The plan of the subscription, and how those who have it renew.' },
  SHORT_TENURE: { description: 'Renewed less often than others have.' },
  LONG_TENURE: { description: 'Renewed as often as others have, or more.' },
  USE_FELL: { description: 'Does less than in the period before.' },
  USE_ROSE: { description: 'Does more than in the period before.' },
  USE_STEADY: { description: 'Does as much as in the period before.' },
  USE_UNKNOWN: { description: 'There is no earlier period to compare use with.' },
  PAYMENT_FAILED: { description: 'A payment failed and was not made good.' },
  PAYMENTS_IN_ORDER: { description: 'No failed payment is open.' },
  LOW_SATISFACTION: { description: 'Satisfaction was last given as 6 out of 10 or less.' },
  SATISFIED: { description: 'Satisfaction was last given as more than that.' },
  SATISFACTION_UNKNOWN: { description: 'Satisfaction was never given.' },
  RENEWAL_NEAR: { description: 'The renewal is due within a week.' },
  RENEWAL_OVERDUE: { description: 'The renewal was due and has not come.' },
  AVERAGE_HERE: { description: 'How many renewals are lost here in general.' },
  SUBSCRIPTION_CANCELLED: { description: 'The subscription was cancelled.' },
  NOT_RENEWED: { description: 'The renewal did not come within 30 days.' },
} as const satisfies Record<ScoreReason['code'], { description: string }>;

const RiskReasonCode = builder.enumType('RiskReasonCode', {
  description: 'Why a score is what it is; made for programs.',
  values: reasonTexts,
});

export const RiskReason = builder.objectRef<ScoreReason>('RiskReason').implement({
  description: 'One of the terms that a score is made of.',
  fields: (t) => ({
    code: t.field({ type: RiskReasonCode, resolve: ({ code }) => code }),
    text: t.exposeString('text', { description: 'A sentence that one can say aloud.' }),
    contribution: t.exposeFloat('contribution', {
      description:
        'What it adds to the log-odds of the score: above 0 towards staying away. All of them add up to `logOdds`.',
    }),
  }),
});
