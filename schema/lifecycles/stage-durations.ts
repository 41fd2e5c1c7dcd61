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
import { type CatalogueLifecycle, requireLifecycle, requireStages } from './catalogue.ts';
import { addStageOfKey, lifecycleArg } from './lifecycle.ts';

const toDuration = (seconds: number | null) =>
  seconds === null ? null : formatDuration(seconds * 1_000);

const DurationStats = builder.objectRef<DurationSummary>('DurationStats').implement({
  description: 'Statistics of durations. A day is 24 hours. Null if there are no durations.',
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
      description: 'The 90th percentile.',
      resolve: ({ p90 }) => toDuration(p90),
    }),
  }),
});

type StageTimes = TimeInStage & { lifecycleId: string };

const TimeInStageType = builder.objectRef<StageTimes>('TimeInStage').implement({
  description: 'The duration of stays in a stage.',
  fields: (t) => ({
    completed: t.expose('completed', {
      type: DurationStats,
      description: 'Stays that ended with a move to another stage.',
    }),
    open: t.expose('open', {
      type: DurationStats,
      description: 'Stays that have not ended, up to now.',
    }),
    leftOut: t.exposeInt('leftOut', {
      description:
        'The number of stays that began or ended with a change of the rules. They are excluded.',
    }),
  }),
});

addStageOfKey(TimeInStageType);

const none: DurationSummary = { count: 0, median: null, mean: null, p90: null };

function inOrder({ id, stages }: CatalogueLifecycle, rows: readonly TimeInStage[]): StageTimes[] {
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
  description: 'How many customers moved from one stage to another, and how fast.',
  fields: (t) => ({
    entered: t.exposeInt('entered', {
      description: 'The number of customers that entered the first stage in the window.',
    }),
    arrived: t.exposeInt('count', {
      description: 'The number of them that entered the second stage later.',
    }),
    time: t.field({
      type: DurationStats,
      description: 'The time between the two entries, for customers that arrived.',
      resolve: (velocity) => velocity,
    }),
  }),
});

const EntryWindow = builder.inputType('EntryWindow', {
  description: 'A time range with an exclusive end.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', description: 'Default: no lower bound.' }),
    to: t.field({ type: 'DateTime', description: 'Default: now.' }),
  }),
});

builder.queryFields((t) => ({
  timeInStage: t.field({
    type: [TimeInStageType],
    description:
      'The time customers spend in each stage of a lifecycle. Every stay counts. The stay of a merged customer is not completed.',
    complexity: scanOf(movesPerCustomer, moveAdvice),
    args: {
      lifecycle: t.arg.string({ description: lifecycleArg }),
      from: t.arg({ type: 'DateTime', description: 'Only stays that ended after this time.' }),
      to: t.arg({ type: 'DateTime', description: 'Evaluates as of this time. Default: now.' }),
    },
    resolve: async (_root, args, ctx) => {
      const lifecycle = await requireLifecycle(ctx, args.lifecycle);
      const window = { from: args.from ?? undefined, to: args.to ?? ctx.now() };
      const { tx, workspaceId } = ctx;
      const rows = await readTimeInStage(tx, workspaceId, {
        lifecycleId: lifecycle.id,
        ...window,
      });
      return inOrder(lifecycle, rows);
    },
  }),
  stageVelocity: t.field({
    type: StageVelocityType,
    description:
      'How many of the customers that entered one stage later entered another one, and how fast. The first entry in the window counts. Entries by a change of the rules are excluded.',
    complexity: scanOf(movesPerCustomer, moveAdvice),
    args: {
      lifecycle: t.arg.string({ description: lifecycleArg }),
      from: t.arg.string({
        required: true,
        description: 'The key of the first stage, case-insensitive.',
      }),
      to: t.arg.string({
        required: true,
        description: 'The key of the second stage, case-insensitive.',
      }),
      window: t.arg({
        type: EntryWindow,
        description: 'The window of entries into the first stage. Default: all.',
      }),
    },
    resolve: async (_root, args, ctx) => {
      const lifecycle = await requireLifecycle(ctx, args.lifecycle);
      const [from = '', to = ''] = requireStages(lifecycle, [args.from, args.to]);
      if (from === to) throw new InvalidInput('`from` and `to` must be two different stages.');
      const window = { from: args.window?.from ?? undefined, to: args.window?.to ?? ctx.now() };
      const query = { lifecycleId: lifecycle.id, from, to, window };
      return readStageVelocity(ctx.tx, ctx.workspaceId, query);
    },
  }),
}));
