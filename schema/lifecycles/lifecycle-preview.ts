import {
  type PreviewMove,
  previewLifecycle,
} from '../../src/domains/lifecycles/preview-lifecycle.ts';
import { InvalidFilter } from '../../src/engine/conditions/invalid-filter.ts';
import { InUse, InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { Customer } from '../customers/customer.ts';
import { keptCustomer } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import { scanCost } from '../kernel/cost.ts';
import { requireLifecycle, stageOf } from './catalogue.ts';
import { lifecycleArg, Stage } from './lifecycle.ts';
import { StageInput, toStageRequests } from './stage-input.ts';

type Group = PreviewMove & { lifecycleId: string };

const PreviewMoveType = builder.objectRef<Group>('LifecyclePreviewMove').implement({
  description: 'Customers that would move from one stage to another.',
  fields: (t) => ({
    from: t.field({
      type: Stage,
      nullable: true,
      description: 'Null for customers without a stage.',
      resolve: ({ lifecycleId, from }, _args, ctx) => stageOf(ctx, lifecycleId, from),
    }),
    fromKey: t.exposeString('from', { nullable: true, description: 'The key of `from`.' }),
    toKey: t.exposeString('to', {
      nullable: true,
      description: 'The key of the proposed stage. Null for customers that would have none.',
    }),
    customers: t.exposeInt('customers'),
    sample: t.field({
      type: [Customer],
      description: 'Up to ten of these customers, most recently created first.',
      resolve: ({ sample }, _args, ctx) => sample.map((id) => keptCustomer(ctx, id)),
    }),
  }),
});

const LifecyclePreview = builder.objectRef<Group[]>('LifecyclePreview').implement({
  description: 'The effect of proposed stages on the present customers.',
  fields: (t) => ({
    customers: t.int({
      description: 'The number of all customers.',
      resolve: (groups) => sum(groups),
    }),
    unchanged: t.int({
      description: 'The number of customers that would stay in their stage.',
      resolve: (groups) => sum(groups.filter(({ from, to }) => from === to)),
    }),
    moves: t.field({
      type: [PreviewMoveType],
      description: 'The moves, largest group first.',
      resolve: (groups) => groups.filter(({ from, to }) => from !== to),
    }),
  }),
});

const sum = (groups: Group[]) => groups.reduce((all, { customers }) => all + customers, 0);

builder.queryField('lifecyclePreview', (t) =>
  t.field({
    type: LifecyclePreview,
    description:
      'A dry run of `updateLifecycle`: the number of customers that would move. Nothing is written.',
    complexity: ({ stages }, ctx) =>
      scanCost(ctx, 2 + stages.length, 'Preview fewer stages at a time.'),
    errors: { types: [InvalidInput, InvalidFilter, NotFound, InUse] },
    args: {
      lifecycle: t.arg.string({ description: lifecycleArg }),
      stages: t.arg({ type: [StageInput], required: true, description: 'All stages, in order.' }),
    },
    resolve: async (_root, args, ctx) => {
      const { id, key } = await requireLifecycle(ctx, args.lifecycle);
      const proposal = { id, key, stages: toStageRequests(args.stages) };
      const groups = await previewLifecycle(ctx.tx, ctx.workspaceId, proposal, ctx.now());
      return groups.map((group) => ({ ...group, lifecycleId: id }));
    },
  }),
);
