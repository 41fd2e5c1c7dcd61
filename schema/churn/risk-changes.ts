import { addCause, addMoveCause } from '../changes/cause.ts';
import { defineChange } from '../changes/change.ts';
import { builder } from '../kernel/builder.ts';
import { RiskBandType, RiskReason } from './risk-parts.ts';

addMoveCause('MODEL_REFIT', 'A new risk model was activated.');

const ChurnRiskBandChanged = defineChange(
  'CHURN_RISK_BAND_CHANGED',
  'ChurnRiskBandChanged',
  'The churn risk of a customer moved to another band, up or down.',
);

export const ChurnRiskFlagged = defineChange(
  'CHURN_RISK_FLAGGED',
  'ChurnRiskFlagged',
  'A customer was flagged as a churn risk: the score is high and has risen through inactivity.',
);

const ChurnRiskCleared = defineChange(
  'CHURN_RISK_CLEARED',
  'ChurnRiskCleared',
  'The flag of a customer was cleared.',
);

addCause(ChurnRiskBandChanged);
addCause(ChurnRiskFlagged);
addCause(ChurnRiskCleared);

builder.objectFields(ChurnRiskBandChanged, (t) => ({
  from: t.field({
    type: RiskBandType,
    nullable: true,
    description: 'Null if the customer was not assessed before.',
    resolve: ({ change }) => change.data.from,
  }),
  to: t.field({
    type: RiskBandType,
    nullable: true,
    description: 'Null if no activity is left to assess.',
    resolve: ({ change }) => change.data.to,
  }),
}));

builder.objectFields(ChurnRiskFlagged, (t) => ({
  band: t.field({ type: RiskBandType, resolve: ({ change }) => change.data.band }),
  logOdds: t.float({
    description:
      'The log-odds of the score at that time. The contributions of the reasons add up to it.',
    resolve: ({ change }) => change.data.logOdds,
  }),
  reasons: t.field({
    type: [RiskReason],
    description: 'The reasons at that time, strongest first.',
    resolve: ({ change }) => change.data.reasons,
  }),
}));

for (const ref of [ChurnRiskBandChanged, ChurnRiskFlagged, ChurnRiskCleared]) {
  builder.objectFields(ref, (t) => ({
    score: t.float({
      nullable: true,
      description:
        'P(no activity within the horizon) at that time. Null if no activity is left to assess.',
      resolve: ({ change }) => change.data.score,
    }),
    modelVersion: t.int({
      description: 'The version of the model that produced the score.',
      resolve: ({ change }) => change.data.version,
    }),
  }));
}
