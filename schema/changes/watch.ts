import type { ChangeKind, Change as ChangeRow } from '../../src/engine/changes/kinds.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { ChurnRiskBandChanged, ChurnRiskCleared, ChurnRiskFlagged } from '../churn/risk-changes.ts';
import { findSurvivor } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import type { FollowedChange, FollowRequest, RequestContext } from '../kernel/context.ts';
import { parseUuid } from '../kernel/global-id.ts';
import { demandLifecycle, demandStages } from '../lifecycles/catalogue.ts';
import { lifecycleArg } from '../lifecycles/lifecycle.ts';
import { segmentIdOf, segmentThenArg } from '../segments/segment.ts';
import {
  asTold,
  ChangeKindType,
  CustomerCreated,
  CustomerMerged,
  CustomerUnmerged,
  SegmentEntered,
  SegmentLeft,
  StageChanged,
  StreamReset,
  type Told,
  typeOfChange,
} from './change.ts';

const StageChangedPayload = builder.unionType('StageChangedPayload', {
  description: 'A transition, or the news that the stream cannot go on; then it ends.',
  types: [StageChanged, StreamReset],
  resolveType: (item) => ('reset' in item ? StreamReset : StageChanged),
});

const ChangePayload = builder.unionType('ChangePayload', {
  description: 'A change, or the news that the stream cannot go on; then it ends.',
  types: [
    CustomerCreated,
    CustomerMerged,
    CustomerUnmerged,
    StageChanged,
    SegmentEntered,
    SegmentLeft,
    ChurnRiskBandChanged,
    ChurnRiskFlagged,
    ChurnRiskCleared,
    StreamReset,
  ],
  resolveType: (item) => ('reset' in item ? 'StreamReset' : typeOfChange(item)),
});

export const followArg =
  'Where to go on: first what was missed since, then live. From now on when absent. `Last-Event-ID` goes before it.';

export async function follow(
  ctx: RequestContext,
  prepare: () => Promise<Omit<FollowRequest, 'start'> & { after: string | null | undefined }>,
) {
  const { after, ...request } = await prepare();
  const cursor = ctx.lastEventId ?? after ?? undefined;
  // Before the answer: a bad cursor is refused, and nothing that happens after the answer is missed.
  const start = await ctx.services.startAfter(ctx.workspaceId, cursor, ctx.tx);
  // The stream outlives this transaction by hours.
  await ctx.release();
  return ctx.services.follow(ctx.workspaceId, { ...request, start });
}

interface StageFilter {
  lifecycle?: string | null | undefined;
  from?: readonly string[] | null | undefined;
  to?: readonly string[] | null | undefined;
  customer?: string | null | undefined;
}

type Matches = (change: ChangeRow) => boolean;

/** Decides on the change row alone, so that nobody's change costs a query per subscriber. */
async function createStageMatcher(ctx: RequestContext, filter: StageFilter): Promise<Matches> {
  const needed = filter.lifecycle || filter.from || filter.to;
  const lifecycle = needed ? await demandLifecycle(ctx, filter.lifecycle) : undefined;
  const from = lifecycle && filter.from ? demandStages(lifecycle, filter.from) : undefined;
  const to = lifecycle && filter.to ? demandStages(lifecycle, filter.to) : undefined;
  const isOfCustomer = await createCustomerMatcher(ctx, filter.customer);
  return (change) => {
    const isHis = isOfCustomer(change);
    if (change.kind !== 'STAGE_CHANGED') return false;
    const { data } = change;
    return (
      isHis &&
      (!lifecycle || data.lifecycle === lifecycle.id) &&
      (!from || (data.from !== null && from.includes(data.from))) &&
      (!to || (data.to !== null && to.includes(data.to)))
    );
  };
}

/**
 * Matches the changes of a customer under every id it has or will have: who is merged into whom is told
 * by the log itself, before any change that follows from it.
 */
async function createCustomerMatcher(
  ctx: RequestContext,
  customer: string | null | undefined,
): Promise<Matches> {
  if (customer === null || customer === undefined) return () => true;
  const id = parseUuid('Customer', customer);
  const survivor = id && (await findSurvivor(ctx, id));
  if (!survivor) throw new InvalidInput('No customer with that id in this workspace.');
  const absorbed = await ctx.tx.customer.findMany({
    where: { workspaceId: ctx.workspaceId, mergedInto: survivor.id },
    select: { id: true },
  });
  const family = new Set([survivor.id, ...absorbed.map((row) => row.id)]);
  return (change) => {
    if (change.kind === 'CUSTOMER_MERGED') join(family, change.data);
    if (change.kind === 'CUSTOMER_UNMERGED') part(family, id, change.data.from);
    return family.has(change.customerId);
  };
}

function join(family: Set<string>, { from, into }: { from: string; into: string }) {
  if (family.has(from) || family.has(into)) family.add(from).add(into);
}

/** When it is the watched customer itself that stands alone again, nobody else is meant any more. */
function part(family: Set<string>, watched: string, from: string) {
  if (from === watched) family.clear();
  else family.delete(from);
  family.add(watched);
}

const stageKinds: readonly ChangeKind[] = ['STAGE_CHANGED'];
const customerKinds: readonly ChangeKind[] = [
  'STAGE_CHANGED',
  'CUSTOMER_MERGED',
  'CUSTOMER_UNMERGED',
];

const present = (item: FollowedChange) => ('reset' in item ? item : asTold(item));

builder.subscriptionFields((t) => ({
  stageChanged: t.field({
    type: StageChangedPayload,
    description:
      'Customers moving between stages. The payload tells of the change; whatever it leads to (`customer`, `lifecycle`) is as it is at delivery.',
    args: {
      lifecycle: t.arg.string({
        description: `${lifecycleArg} Of every lifecycle when no \`from\` and no \`to\` is given either.`,
      }),
      from: t.arg.stringList({ description: 'Only out of these stages: keys, in any case.' }),
      to: t.arg.stringList({ description: 'Only into these stages: keys, in any case.' }),
      customer: t.arg.id({ description: 'Only of this customer; the id of a merged one will do.' }),
      segment: t.arg.string({ description: segmentThenArg }),
      after: t.arg({ type: 'Cursor', description: followArg }),
    },
    subscribe: (_root, args, ctx) =>
      follow(ctx, async () => ({
        after: args.after,
        segmentId: await segmentIdOf(ctx, args.segment),
        kinds: args.customer ? customerKinds : stageKinds,
        matches: await createStageMatcher(ctx, args),
      })),
    resolve: (item) => present(item) as Told<'STAGE_CHANGED'>,
  }),
  changes: t.field({
    type: ChangePayload,
    description: 'Everything that is recorded in the change log, in order.',
    args: {
      kinds: t.arg({ type: [ChangeKindType], description: 'Only these; all when absent.' }),
      segment: t.arg.string({ description: segmentThenArg }),
      after: t.arg({ type: 'Cursor', description: followArg }),
    },
    subscribe: (_root, { kinds, segment, after }, ctx) =>
      follow(ctx, async () => ({
        after,
        kinds: kinds ?? undefined,
        segmentId: await segmentIdOf(ctx, segment),
      })),
    resolve: present,
  }),
}));
