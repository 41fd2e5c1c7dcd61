import { countStagesAt } from '../../src/domains/lifecycles/stage-counts.ts';
import {
  countMergedFromStages,
  type MergedFromStage,
  readStageLinks,
  type StageLink,
} from '../../src/domains/lifecycles/stage-flow.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { moveAdvice, movesPerCustomer, scanOf } from '../kernel/cost.ts';
import { type CatalogueLifecycle, requireLifecycle, stageOf } from './catalogue.ts';
import { Lifecycle, lifecycleArg, Stage } from './lifecycle.ts';
import { inOrder } from './stage-counts.ts';

type Link = StageLink & { lifecycleId: string };

interface Node {
  lifecycleId: string;
  stageKey: string;
  before: number;
  after: number;
  entered: number;
  left: number;
  merged: number;
}

interface Flow {
  lifecycle: CatalogueLifecycle;
  from: Date;
  to: Date;
  nodes: Node[];
  links: Link[];
}

const StageFlowNode = builder.objectRef<Node>('StageFlowNode').implement({
  description:
    'A stage at the two ends of a stretch of time: `before + entered - left - merged = after`.',
  fields: (t) => ({
    stage: t.field({
      type: Stage,
      nullable: true,
      description: 'Null if the lifecycle has no such stage any more.',
      resolve: async ({ lifecycleId, stageKey }, _args, ctx) =>
        (await stageOf(ctx, lifecycleId, stageKey)) ?? null,
    }),
    stageKey: t.exposeString('stageKey'),
    before: t.exposeInt('before', {
      description: 'How many customers were in it at the beginning.',
    }),
    after: t.exposeInt('after', { description: 'How many were in it at the end.' }),
    entered: t.exposeInt('entered', { description: 'How many times it was entered.' }),
    left: t.exposeInt('left', { description: 'How many times it was left for another stage.' }),
    merged: t.exposeInt('merged', {
      description: 'How many in it became part of another customer, and are counted as that one.',
    }),
  }),
});

const StageFlowLink = builder.objectRef<Link>('StageFlowLink').implement({
  description: 'The way from one stage to another, or from nowhere into the first one.',
  fields: (t) => ({
    from: t.field({
      type: Stage,
      nullable: true,
      description: 'Null for customers that had no stage before.',
      resolve: async ({ lifecycleId, from }, _args, ctx) =>
        from === null ? null : ((await stageOf(ctx, lifecycleId, from)) ?? null),
    }),
    to: t.field({
      type: Stage,
      nullable: true,
      description: 'Null for customers that new rules left without a stage.',
      resolve: async ({ lifecycleId, to }, _args, ctx) =>
        to === null ? null : ((await stageOf(ctx, lifecycleId, to)) ?? null),
    }),
    fromKey: t.exposeString('from', {
      nullable: true,
      description: 'The key of `from`, as it was then.',
    }),
    toKey: t.exposeString('to', {
      nullable: true,
      description: 'The key of `to`, as it was then.',
    }),
    customers: t.exposeInt('customers', {
      description: 'How many different customers went this way by themselves.',
    }),
    moves: t.exposeInt('moves', { description: 'How many times they did.' }),
    redefined: t.exposeInt('redefined', {
      description:
        'How many were put there by a change of the rules; these are no moves of theirs.',
    }),
  }),
});

const StageFlow = builder.objectRef<Flow>('StageFlow').implement({
  description:
    'How customers moved through a lifecycle between two instants: what happened at `from` itself lies before.',
  fields: (t) => ({
    lifecycle: t.field({ type: Lifecycle, resolve: ({ lifecycle }) => lifecycle }),
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime' }),
    nodes: t.field({
      type: [StageFlowNode],
      description: 'Every stage in order, then those of former versions of the lifecycle.',
      resolve: ({ nodes }) => nodes,
    }),
    links: t.field({
      type: [StageFlowLink],
      description: 'The ways that were gone, the busiest first.',
      resolve: ({ links }) => links,
    }),
  }),
});

async function readFlow(ctx: RequestContext, lifecycle: CatalogueLifecycle, from: Date, to: Date) {
  const { tx, workspaceId } = ctx;
  const lifecycleId = lifecycle.id;
  const stretch = { lifecycleId, from, to };
  const links = await readStageLinks(tx, workspaceId, stretch);
  const merged = await countMergedFromStages(tx, workspaceId, stretch);
  const before = await countStagesAt(tx, workspaceId, { lifecycleId, at: from });
  const nodes = nodesOf(lifecycle, { links, merged, before: inOrder(lifecycle, before) });
  return { lifecycle, from, to, nodes, links: links.map((link) => ({ ...link, lifecycleId })) };
}

function nodesOf(
  lifecycle: CatalogueLifecycle,
  {
    links,
    merged,
    before,
  }: { links: StageLink[]; merged: MergedFromStage[]; before: ReturnType<typeof inOrder> },
): Node[] {
  const former = new Set(links.flatMap(({ from, to }) => [from, to]).filter((key) => key !== null));
  for (const { stageKey } of before) former.delete(stageKey);
  const gone = [...former].map((stageKey) => ({ stageKey, customers: 0 }));
  const sum = (of: StageLink[]) =>
    of.reduce((all, { moves, redefined }) => all + moves + redefined, 0);
  return [...before, ...gone].map(({ stageKey, customers }) => {
    const entered = sum(links.filter(({ to }) => to === stageKey));
    const left = sum(links.filter(({ from }) => from === stageKey));
    const away = merged.find(({ stage }) => stage === stageKey)?.customers ?? 0;
    const after = customers + entered - left - away;
    return {
      lifecycleId: lifecycle.id,
      stageKey,
      before: customers,
      after,
      entered,
      left,
      merged: away,
    };
  });
}

builder.queryField('stageFlow', (t) =>
  t.field({
    type: StageFlow,
    description: 'How customers moved between the stages of a lifecycle, for a flow diagram.',
    complexity: scanOf(movesPerCustomer, moveAdvice),
    args: {
      lifecycle: t.arg.string({ description: lifecycleArg }),
      from: t.arg({ type: 'DateTime', required: true }),
      to: t.arg({ type: 'DateTime', description: 'The present when absent.' }),
    },
    resolve: async (_root, args, ctx): Promise<Flow> => {
      const to = args.to ?? ctx.now();
      if (args.from > to) throw new InvalidInput('`from` must not lie after `to`.');
      return readFlow(ctx, await requireLifecycle(ctx, args.lifecycle), args.from, to);
    },
  }),
);
