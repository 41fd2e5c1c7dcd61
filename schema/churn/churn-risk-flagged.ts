import { loadStageOwners, stageOwnerKey } from '../../src/domains/tasks/stage-owners.ts';
import type { Interest } from '../../src/engine/changes/topic.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import type { ChangeEntry } from '../changes/change.ts';
import { changeArguments, toClauses } from '../changes/change-arguments.ts';
import { StreamResetType } from '../changes/stream-reset.ts';
import { clauseOf, follow, followArg, toStreamItem } from '../changes/watch.ts';
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

interface StageFilter {
  lifecycle?: string | null | undefined;
  stage?: readonly string[] | null | undefined;
}

/** In one of the stages when it was flagged. @throws InvalidInput for an unknown lifecycle or stage */
async function inStages(
  ctx: RequestContext,
  { lifecycle: key, stage }: StageFilter,
): Promise<Interest> {
  if (!stage) return [];
  const lifecycle = await requireLifecycle(ctx, key);
  const keys = requireStages(lifecycle, stage);
  return clauseOf(keys, (one) => `in-stage:${stageOwnerKey(lifecycle.id, one)}`);
}

/** In a stage that the member or team owns at the beginning of the stream. */
async function inStagesOf(
  ctx: RequestContext,
  owner: typeof OwnerInput.$inferInput | null | undefined,
): Promise<Interest> {
  if (!owner) return [];
  const { memberId, teamId } = toOwnerIds(owner);
  const owners = await loadStageOwners(sqlThrough(ctx.tx, ctx.workspaceId));
  const owned = [...owners].filter(([, one]) =>
    memberId === null ? one.team?.id === teamId : one.memberId === memberId,
  );
  return clauseOf(owned, ([place]) => `in-stage:${place}`);
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
      const interest: Interest = [
        ['kind:CHURN_RISK_FLAGGED'],
        ...(withRefits ? [] : [['refit:no'] as const]),
        ...clauseOf(bandsFrom(minBand ?? 'LOW'), (band) => `band:${band}`),
        ...(await inStages(ctx, args)),
        ...(await inStagesOf(ctx, owner)),
        ...(await toClauses(ctx, args)),
      ];
      return follow(ctx, { after, interest });
    },
    // The interest lets no other kind through.
    resolve: (item) =>
      'reset' in item ? item : (toStreamItem(item) as ChangeEntry<'CHURN_RISK_FLAGGED'>),
  }),
);
