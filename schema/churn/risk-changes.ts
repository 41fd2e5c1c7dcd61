import { Change, type Told } from '../changes/change.ts';
import { builder } from '../kernel/builder.ts';
import { addEvidence } from '../lifecycles/move-evidence.ts';
import { RiskBandType, RiskReason } from './risk-parts.ts';

const BandChangedRef = builder.objectRef<Told<'CHURN_RISK_BAND_CHANGED'>>('ChurnRiskBandChanged');
const FlaggedRef = builder.objectRef<Told<'CHURN_RISK_FLAGGED'>>('ChurnRiskFlagged');
const ClearedRef = builder.objectRef<Told<'CHURN_RISK_CLEARED'>>('ChurnRiskCleared');

export const ChurnRiskBandChanged = BandChangedRef.implement({
  description: 'The churn risk of a customer came into another band, up or down.',
  interfaces: [Change],
  fields: (t) => ({
    from: t.field({
      type: RiskBandType,
      nullable: true,
      description: 'Null where the customer was not assessed before.',
      resolve: ({ change }) => change.data.from,
    }),
    to: t.field({
      type: RiskBandType,
      nullable: true,
      description: 'Null where no activity is left to assess it by.',
      resolve: ({ change }) => change.data.to,
    }),
  }),
});

export const ChurnRiskFlagged = FlaggedRef.implement({
  description:
    'A customer was flagged as a churn risk: the score is high and has risen by silence since the last activity.',
  interfaces: [Change],
  fields: (t) => ({
    band: t.field({ type: RiskBandType, resolve: ({ change }) => change.data.band }),
    logOdds: t.float({
      description: 'Of the score at that instant: what the contributions of the reasons add up to.',
      resolve: ({ change }) => change.data.logOdds,
    }),
    reasons: t.field({
      type: [RiskReason],
      description: 'Why, as of then; the strongest first.',
      resolve: ({ change }) => change.data.reasons,
    }),
  }),
});

export const ChurnRiskCleared = ClearedRef.implement({
  description: 'A customer is flagged no more.',
  interfaces: [Change],
});

addEvidence(BandChangedRef);
addEvidence(FlaggedRef);
addEvidence(ClearedRef);

for (const ref of [BandChangedRef, FlaggedRef, ClearedRef]) {
  builder.objectFields(ref, (t) => ({
    score: t.float({
      nullable: true,
      description:
        'P(no activity within the horizon) at that instant; null where no activity is left.',
      resolve: ({ change }) => change.data.score,
    }),
    modelVersion: t.int({
      description: 'The version of the model by which it was assessed.',
      resolve: ({ change }) => change.data.version,
    }),
  }));
}
