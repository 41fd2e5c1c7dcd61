import { loadStageOwners, stageOwnerKey } from '../../src/domains/tasks/stage-owners.ts';
import type { Change, ChangeKind } from '../../src/engine/changes/kinds.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import type { ChangeEntry } from '../changes/change.ts';
import { changeArguments, toChangeLimits } from '../changes/change-arguments.ts';
import { StreamResetType } from '../changes/stream-reset.ts';
import { follow, followArg, toStreamItem } from '../changes/watch.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { requireLifecycle, requireStages } from '../lifecycles/catalogue.ts';
import { lifecycleArg } from '../lifecycles/lifecycle.ts';
import { OwnerInput, toOwnerIds } from '../members/owner.ts';
import { ChurnRiskFlagged } from './risk-changes.ts';
import { bandsFrom, RiskBandType } from './risk-parts.ts';

const ChurnRiskFlaggedPayload = builder.unionType('ChurnRiskFlaggedPayload', {
  description: 'A flagged customer, or the last item of a stream that cannot be resumed.',
  types: [ChurnRiskFlagged, StreamResetType],
  resolveType: (item) => ('reset' in item ? StreamResetType : ChurnRiskFlagged),
});

const kinds: readonly ChangeKind[] = ['CHURN_RISK_FLAGGED'];

/** The stages of a customer when it was flagged: keys by lifecycle. */
type Stages = Record<string, string>;

/** @throws InvalidInput for an unknown lifecycle or stage */
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

/** Matches stages that the member or team owns at the beginning of the stream. */
async function ownerMatcher(
  ctx: RequestContext,
  owner: typeof OwnerInput.$inferInput | null | undefined,
): Promise<(stages: Stages) => boolean> {
  if (!owner) return () => true;
  const { memberId, teamId } = toOwnerIds(owner);
  const owners = await loadStageOwners(sqlThrough(ctx.tx, ctx.workspaceId));
  const owned = new Set(
    [...owners].flatMap(([place, one]) => {
      const isOwner = memberId === null ? one.team?.id === teamId : one.memberId === memberId;
      return isOwner ? [place] : [];
    }),
  );
  return (stages) => Object.entries(stages).some(([id, key]) => owned.has(stageOwnerKey(id, key)));
}

builder.subscriptionField('churnRiskFlagged', (t) =>
  t.field({
    type: ChurnRiskFlaggedPayload,
    description:
      'Customers that are flagged as a churn risk through inactivity. Flags caused by a new model are included only with `withRefits`.',
    args: {
      minBand: t.arg({ type: RiskBandType, description: 'The lowest band to include.' }),
      ...changeArguments(t.arg),
      lifecycle: t.arg.string({ description: `The lifecycle of \`stage\`. ${lifecycleArg}` }),
      stage: t.arg.stringList({
        description:
          'Only customers in one of these stages at that time, by their keys, case-insensitive.',
      }),
      owner: t.arg({
        type: OwnerInput,
        description: 'Only customers in a stage owned by this member or team at that time.',
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
