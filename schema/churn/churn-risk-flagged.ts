import { loadStageOwners, stageOwnerKey } from '../../src/domains/tasks/stage-owners.ts';
import type { Change, ChangeKind } from '../../src/engine/changes/kinds.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import type { ChangeEntry } from '../changes/change.ts';
import { changeArguments, toChangeLimits } from '../changes/change-arguments.ts';
import { StreamReset } from '../changes/stream-reset.ts';
import { follow, followArg, toStreamItem } from '../changes/watch.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { requireLifecycle, requireStages } from '../lifecycles/catalogue.ts';
import { lifecycleArg } from '../lifecycles/lifecycle.ts';
import { OwnerInput, toOwnerIds } from '../members/owner.ts';
import { ChurnRiskFlagged } from './risk-changes.ts';
import { bandsFrom, RiskBandType } from './risk-parts.ts';

const ChurnRiskFlaggedPayload = builder.unionType('ChurnRiskFlaggedPayload', {
  description:
    'A customer who was flagged, or the news that the stream cannot go on; then it ends.',
  types: [ChurnRiskFlagged, StreamReset],
  resolveType: (item) => ('reset' in item ? StreamReset : ChurnRiskFlagged),
});

const kinds: readonly ChangeKind[] = ['CHURN_RISK_FLAGGED'];

/** Where a customer was when it was flagged: stage keys by lifecycle. */
type Stages = Record<string, string>;

/** @throws InvalidInput for a lifecycle or a stage that there is not */
async function stageMatcher(
  ctx: RequestContext,
  {
    lifecycle: key,
    stage,
  }: { lifecycle?: string | null | undefined; stage?: readonly string[] | null | undefined },
): Promise<(stages: Stages) => boolean> {
  if (!stage) return () => true;
  const lifecycle = await requireLifecycle(ctx, key);
  const keys = requireStages(lifecycle, stage);
  return (stages) => keys.includes(stages[lifecycle.id] ?? '');
}

/** In a stage that the member or team answers for, as owners are when the stream begins. */
async function ownerMatcher(
  ctx: RequestContext,
  owner: typeof OwnerInput.$inferInput | null | undefined,
): Promise<(stages: Stages) => boolean> {
  if (!owner) return () => true;
  const { memberId, teamId } = toOwnerIds(owner);
  const owners = await loadStageOwners(sqlThrough(ctx.tx), ctx.workspaceId);
  const owned = new Set(
    [...owners].flatMap(([place, one]) => {
      const isIt = memberId === null ? one.team?.id === teamId : one.memberId === memberId;
      return isIt ? [place] : [];
    }),
  );
  return (stages) => Object.entries(stages).some(([id, key]) => owned.has(stageOwnerKey(id, key)));
}

builder.subscriptionField('churnRiskFlagged', (t) =>
  t.field({
    type: ChurnRiskFlaggedPayload,
    description:
      'Customers flagged as a churn risk, at the instant at which silence makes them one. A new model by itself raises no alarm: `withRefits` tells those it flags as well.',
    args: {
      minBand: t.arg({ type: RiskBandType, description: 'This band or a higher one.' }),
      ...changeArguments(t.arg),
      lifecycle: t.arg.string({ description: `Of \`stage\`. ${lifecycleArg}` }),
      stage: t.arg.stringList({
        description: 'Only of customers that were in one of these stages then: keys, in any case.',
      }),
      owner: t.arg({
        type: OwnerInput,
        description: 'Only of customers that were in a stage which this member or team owns.',
      }),
      withRefits: t.arg.boolean({ defaultValue: false }),
      after: t.arg({ type: 'Cursor', description: followArg }),
    },
    subscribe: async (_root, { minBand, withRefits, after, owner, ...args }, ctx) => {
      const bands = bandsFrom(minBand ?? 'LOW');
      const isInStage = await stageMatcher(ctx, args);
      const isOwned = await ownerMatcher(ctx, owner);
      const matches = ({ kind, data }: Change) =>
        kind === 'CHURN_RISK_FLAGGED' &&
        bands.includes(data.band) &&
        isInStage(data.stages) &&
        isOwned(data.stages) &&
        (withRefits || data.cause !== 'MODEL_REFIT');
      return follow(ctx, { after, kinds, matches, ...(await toChangeLimits(ctx, args)) });
    },
    // `matches` lets no other kind through.
    resolve: (item) =>
      'reset' in item ? item : (toStreamItem(item) as ChangeEntry<'CHURN_RISK_FLAGGED'>),
  }),
);
