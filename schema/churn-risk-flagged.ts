import type { Change, ChangeKind } from '../src/changes/kinds.ts';
import { builder } from './builder.ts';
import { asTold, StreamReset, type Told } from './change.ts';
import { ChurnRiskFlagged } from './risk-changes.ts';
import { bandsFrom, RiskBandType } from './risk-parts.ts';
import { segmentIdOf, segmentThenArg } from './segment.ts';
import { follow, followArg } from './watch.ts';

const ChurnRiskFlaggedPayload = builder.unionType('ChurnRiskFlaggedPayload', {
  description:
    'A customer who was flagged, or the news that the stream cannot go on; then it ends.',
  types: [ChurnRiskFlagged, StreamReset],
  resolveType: (item) => ('reset' in item ? StreamReset : ChurnRiskFlagged),
});

const kinds: readonly ChangeKind[] = ['CHURN_RISK_FLAGGED'];

builder.subscriptionField('churnRiskFlagged', (t) =>
  t.field({
    type: ChurnRiskFlaggedPayload,
    description:
      'Customers flagged as a churn risk, at the instant at which silence makes them one. A new model by itself raises no alarm: `withRefits` tells those it flags as well.',
    args: {
      minBand: t.arg({ type: RiskBandType, description: 'This band or a higher one.' }),
      segment: t.arg.string({ description: segmentThenArg }),
      withRefits: t.arg.boolean({ defaultValue: false }),
      after: t.arg({ type: 'Cursor', description: followArg }),
    },
    subscribe: (_root, { minBand, segment, withRefits, after }, ctx, info) =>
      follow(ctx, info, async () => {
        const bands = bandsFrom(minBand ?? 'LOW');
        const matches = ({ kind, data }: Change) =>
          kind === 'CHURN_RISK_FLAGGED' &&
          bands.includes(data.band) &&
          (withRefits || data.cause !== 'MODEL_REFIT');
        return { after, kinds, matches, segmentId: await segmentIdOf(ctx, segment) };
      }),
    // Nothing else gets past `matches`.
    resolve: (item) => ('reset' in item ? item : (asTold(item) as Told<'CHURN_RISK_FLAGGED'>)),
  }),
);
