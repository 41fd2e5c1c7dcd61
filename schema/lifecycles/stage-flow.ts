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
import { addStageOfKey, Lifecycle, lifecycleArg, Stage } from './lifecycle.ts';
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
  description: 'A stage at both ends of a time range: `before + entered - left - merged = after`.',
  fields: (t) => ({
    before: t.exposeInt('before', {
      description: 'The number of customers at the beginning.',
    }),
    after: t.exposeInt('after', { description: 'The number of customers at the end.' }),
    entered: t.exposeInt('entered', { description: 'The number of entries.' }),
    left: t.exposeInt('left', { description: 'The number of moves to another stage.' }),
    merged: t.exposeInt('merged', {
      description: 'The number of customers that were merged into another one while in the stage.',
    }),
  }),
});

addStageOfKey(StageFlowNode);

const StageFlowLink = builder.objectRef<Link>('StageFlowLink').implement({
  description: 'The moves from one stage to another, or into a first stage.',
  fields: (t) => ({
    from: t.field({
      type: Stage,
      nullable: true,
      description: 'Null for customers without a previous stage.',
      resolve: ({ lifecycleId, from }, _args, ctx) => stageOf(ctx, lifecycleId, from),
    }),
    to: t.field({
      type: Stage,
      nullable: true,
      description: 'Null for customers that match no stage of changed rules.',
      resolve: ({ lifecycleId, to }, _args, ctx) => stageOf(ctx, lifecycleId, to),
    }),
    fromKey: t.exposeString('from', {
      nullable: true,
      description: 'The key of `from` at that time.',
    }),
    toKey: t.exposeString('to', {
      nullable: true,
      description: 'The key of `to` at that time.',
    }),
    customers: t.exposeInt('customers', {
      description: 'The number of distinct customers, without changes of the rules.',
    }),
    moves: t.exposeInt('moves', {
      description: 'The number of moves, without changes of the rules.',
    }),
    redefined: t.exposeInt('redefined', {
      description: 'The number of customers moved by a change of the rules.',
    }),
  }),
});

const StageFlow = builder.objectRef<Flow>('StageFlow').implement({
  description:
    'The moves between the stages of a lifecycle in a time range. Changes at `from` itself are excluded.',
  fields: (t) => ({
    lifecycle: t.expose('lifecycle', { type: Lifecycle }),
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime' }),
    nodes: t.expose('nodes', {
      type: [StageFlowNode],
      description: 'All stages in order, then stages of former versions.',
    }),
    links: t.expose('links', {
      type: [StageFlowLink],
      description: 'The links, most moves first.',
    }),
  }),
});

async function readFlow(ctx: RequestContext, lifecycle: CatalogueLifecycle, from: Date, to: Date) {
  const { tx, workspaceId } = ctx;
  const lifecycleId = lifecycle.id;
  const window = { lifecycleId, from, to };
  const links = await readStageLinks(tx, workspaceId, window);
  const merged = await countMergedFromStages(tx, workspaceId, window);
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
    description: 'The moves between the stages of a lifecycle, for a flow diagram.',
    complexity: scanOf(movesPerCustomer, moveAdvice),
    args: {
      lifecycle: t.arg.string({ description: lifecycleArg }),
      from: t.arg({ type: 'DateTime', required: true }),
      to: t.arg({ type: 'DateTime', description: 'Default: now.' }),
    },
    resolve: async (_root, args, ctx): Promise<Flow> => {
      const to = args.to ?? ctx.now();
      if (args.from > to) throw new InvalidInput('`from` must not be after `to`.');
      return readFlow(ctx, await requireLifecycle(ctx, args.lifecycle), args.from, to);
    },
  }),
);
