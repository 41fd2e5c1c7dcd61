import {
  readStageVelocity,
  type StageVelocity,
} from '../../src/domains/lifecycles/stage-velocity.ts';
import {
  type DurationSummary,
  readTimeInStage,
  type TimeInStage,
} from '../../src/domains/lifecycles/time-in-stage.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { formatDuration } from '../../src/platform/time/format-duration.ts';
import { builder } from '../kernel/builder.ts';
import { moveAdvice, movesPerCustomer, scanOf } from '../kernel/cost.ts';
import { type CatalogueLifecycle, requireLifecycle, requireStages, stageOf } from './catalogue.ts';
import { lifecycleArg, Stage } from './lifecycle.ts';

const toDuration = (seconds: number | null) =>
  seconds === null ? null : formatDuration(seconds * 1_000);

const DurationStats = builder.objectRef<DurationSummary>('DurationStats').implement({
  description:
    'What lengths of time come to. Here a day is 24 hours; all is null where there are none.',
  fields: (t) => ({
    count: t.exposeInt('count'),
    median: t.field({
      type: 'Duration',
      nullable: true,
      resolve: ({ median }) => toDuration(median),
    }),
    mean: t.field({ type: 'Duration', nullable: true, resolve: ({ mean }) => toDuration(mean) }),
    p90: t.field({
      type: 'Duration',
      nullable: true,
      description: 'Nine in ten are no longer than this.',
      resolve: ({ p90 }) => toDuration(p90),
    }),
  }),
});

type Told = TimeInStage & { lifecycleId: string };

const TimeInStageType = builder.objectRef<Told>('TimeInStage').implement({
  description: 'How long customers were in a stage at a time.',
  fields: (t) => ({
    stage: t.field({
      type: Stage,
      nullable: true,
      description: 'Null if the lifecycle has no such stage any more.',
      resolve: async ({ lifecycleId, stageKey: key }, _args, ctx) =>
        (await stageOf(ctx, lifecycleId, key)) ?? null,
    }),
    stageKey: t.exposeString('stageKey'),
    completed: t.field({
      type: DurationStats,
      description: 'Of stays that ended in another stage.',
      resolve: ({ completed }) => completed,
    }),
    open: t.field({
      type: DurationStats,
      description: 'So far, of those that are in it still.',
      resolve: ({ open }) => open,
    }),
    leftOut: t.exposeInt('leftOut', {
      description:
        'Stays that a change of the rules began or ended: their length says nothing of customers.',
    }),
  }),
});

const none: DurationSummary = { count: 0, median: null, mean: null, p90: null };

function inOrder({ id, stages }: CatalogueLifecycle, rows: readonly TimeInStage[]): Told[] {
  const present = stages.map(
    ({ key }) =>
      rows.find(({ stageKey }) => stageKey === key) ?? {
        stageKey: key,
        completed: none,
        open: none,
        leftOut: 0,
      },
  );
  const former = rows.filter(({ stageKey }) => !stages.some(({ key }) => key === stageKey));
  return [...present, ...former].map((row) => ({ ...row, lifecycleId: id }));
}

const StageVelocityType = builder.objectRef<StageVelocity>('StageVelocity').implement({
  description: 'How soon customers went on from one stage to another.',
  fields: (t) => ({
    entered: t.exposeInt('entered', {
      description: 'How many entered the first stage in the window.',
    }),
    arrived: t.exposeInt('count', {
      description: 'How many of them entered the second one since.',
    }),
    time: t.field({
      type: DurationStats,
      description: 'Between the two entries, of those that arrived.',
      resolve: (velocity) => velocity,
    }),
  }),
});

const EntryWindow = builder.inputType('EntryWindow', {
  description: 'A stretch of time; its end does not belong to it.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', description: 'From the beginning when absent.' }),
    to: t.field({ type: 'DateTime', description: 'To the present when absent.' }),
  }),
});

builder.queryFields((t) => ({
  timeInStage: t.field({
    type: [TimeInStageType],
    description:
      'How long customers are in the stages of a lifecycle, stage by stage. A customer that was in a stage twice counts twice; one that became part of another customer has not completed its stay.',
    complexity: scanOf(movesPerCustomer, moveAdvice),
    args: {
      lifecycle: t.arg.string({ description: lifecycleArg }),
      from: t.arg({ type: 'DateTime', description: 'Only stays that ended after this instant.' }),
      to: t.arg({ type: 'DateTime', description: 'As of this instant; the present when absent.' }),
    },
    resolve: async (_root, args, ctx) => {
      const lifecycle = await requireLifecycle(ctx, args.lifecycle);
      const stretch = { from: args.from ?? undefined, to: args.to ?? ctx.now() };
      const { tx, workspaceId } = ctx;
      const rows = await readTimeInStage(tx, workspaceId, {
        lifecycleId: lifecycle.id,
        ...stretch,
      });
      return inOrder(lifecycle, rows);
    },
  }),
  stageVelocity: t.field({
    type: StageVelocityType,
    description:
      'How many of the customers that entered one stage entered another one later, and how soon; each counts by its first entry in the window. Entries by a change of the rules are left out.',
    complexity: scanOf(movesPerCustomer, moveAdvice),
    args: {
      lifecycle: t.arg.string({ description: lifecycleArg }),
      from: t.arg.string({
        required: true,
        description: 'The key of the first stage, in any case.',
      }),
      to: t.arg.string({
        required: true,
        description: 'The key of the second stage, in any case.',
      }),
      window: t.arg({ type: EntryWindow, description: 'When the first stage was entered.' }),
    },
    resolve: async (_root, args, ctx) => {
      const lifecycle = await requireLifecycle(ctx, args.lifecycle);
      const [from = '', to = ''] = requireStages(lifecycle, [args.from, args.to]);
      if (from === to) throw new InvalidInput('`from` and `to` must be two different stages.');
      const window = { from: args.window?.from ?? undefined, to: args.window?.to ?? ctx.now() };
      const asked = { lifecycleId: lifecycle.id, from, to, window };
      return readStageVelocity(ctx.tx, ctx.workspaceId, asked);
    },
  }),
}));
