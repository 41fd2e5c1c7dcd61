import type { Reason, ReasonCode } from '../src/churn/risk/reasons.ts';
import { type RiskBand, riskBands } from '../src/churn/risk/risk-model.ts';
import { builder } from './builder.ts';

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
} as const satisfies Record<ReasonCode, { description: string }>;

const RiskReasonCode = builder.enumType('RiskReasonCode', {
  description: 'Why a score is what it is; made for programs.',
  values: reasonTexts,
});

export const RiskReason = builder.objectRef<Reason>('RiskReason').implement({
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
