import type { Goal as GoalShape } from '../../src/domains/lifecycles/goal.ts';
import { type Phase, phases } from '../../src/domains/lifecycles/phases.ts';
import { countStages } from '../../src/domains/lifecycles/stage-counts.ts';
import { builder } from '../kernel/builder.ts';
import { isUuid } from '../kernel/global-id.ts';
import { addNode, addUuidNode } from '../kernel/node.ts';
import { perOperation } from '../kernel/per-operation.ts';
import { Owner, ownerOf } from '../members/owner.ts';
import { Build, loadBuild } from './build.ts';
import {
  findLifecycle,
  findLifecycleOf,
  lifecycleOf,
  loadCatalogue,
  requireLifecycle,
  stageOf,
} from './catalogue.ts';
import { Goal } from './goal.ts';

export const loadCounts = perOperation(({ tx, workspaceId }) => countStages(tx, workspaceId));

/** A stage's key in a global id: stages of two lifecycles may have the same key. */
const stageKey = (stage: { lifecycleId: string; key: string }) =>
  `${stage.lifecycleId}:${stage.key}`;

function parseStageKey(key: string): { lifecycleId: string; key: string } | undefined {
  const [lifecycleId = '', ...rest] = key.split(':');
  return isUuid(lifecycleId) ? { lifecycleId, key: rest.join(':') } : undefined;
}

export const LifecyclePhase = builder.enumType('LifecyclePhase', {
  description: "The general phases of a customer's life, by which stages can be compared.",
  values: phases,
});

export const Stage = builder.prismaNode('Stage', {
  description: 'A place in one lifecycle. A customer is in one stage of each lifecycle.',
  id: { resolve: stageKey },
  findUnique: (id, { workspaceId }) => ({
    workspaceId_lifecycleId_key: { workspaceId, lifecycleId: '', key: '', ...parseStageKey(id) },
  }),
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Unique in its lifecycle, such as "RETENTION".' }),
    name: t.exposeString('name'),
    synonyms: t.exposeStringList('synonyms', { description: 'What else people call it.' }),
    description: t.exposeString('description'),
    phase: t.field({
      type: LifecyclePhase,
      description: 'The general phase it belongs to; comparable between lifecycles.',
      // Nothing else is written into the column.
      resolve: ({ phase }) => phase as Phase,
    }),
    ordinal: t.exposeInt('ordinal', { description: 'Its place in the order of the stages.' }),
    entry: t.expose('entry', {
      type: 'JSON',
      description:
        'Who belongs to it, a `CustomerFilter`: of the stages whose entry holds, the last one counts.',
    }),
    stay: t.expose('stay', {
      type: 'JSON',
      nullable: true,
      description:
        'Who once in it remains, a `CustomerFilter`, though the entry holds no more, unless a later stage takes the customer.',
    }),
    rule: t.expose('entry', {
      type: 'JSON',
      description: 'The same as `entry`.',
      deprecationReason: 'Ask for `entry`; this one goes with version 1.0.',
    }),
    expectedDuration: t.expose('expectedDuration', {
      type: 'Duration',
      nullable: true,
      description: 'How long a customer is expected to be in it.',
    }),
    acceptWithin: t.expose('acceptWithin', {
      type: 'Duration',
      nullable: true,
      description: 'How soon its owner has to accept whoever is handed over to it.',
    }),
    goals: t.field({
      type: [Goal],
      description: 'What is to be reached in it.',
      // Nothing is written into the column that was not checked to be goals.
      resolve: ({ goals }) => goals as unknown as GoalShape[],
    }),
    owner: t.field({
      type: Owner,
      nullable: true,
      description: 'Who answers for it.',
      resolve: async (stage, _args, ctx) => (await ownerOf(ctx, stage)) ?? null,
    }),
    customerCount: t.int({
      description: 'How many customers are in it at present.',
      resolve: async ({ lifecycleId, key }, _args, ctx) => {
        const counts = await loadCounts(ctx);
        const own = counts.find((row) => row.lifecycleId === lifecycleId && row.stageKey === key);
        return own?.customers ?? 0;
      },
    }),
  }),
});

export const Lifecycle = builder.prismaNode('Lifecycle', {
  description: 'An ordered, named set of stages with rules. A workspace may have several.',
  include: { stages: { orderBy: { ordinal: 'asc' } } },
  id: { resolve: ({ id }) => id },
  findUnique: (id, { workspaceId }) => ({ workspaceId_id: { workspaceId, id } }),
  fields: (t) => ({
    key: t.exposeString('key', {
      description: 'Unique in the workspace, such as "REACH_TO_LOYALTY".',
    }),
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    isDefault: t.exposeBoolean('isDefault', {
      description: 'The one that is meant where no lifecycle is named.',
    }),
    version: t.exposeInt('version', { description: 'Grows with every change of its rules.' }),
    owner: t.field({
      type: Owner,
      nullable: true,
      description: 'Who answers for it as a whole.',
      resolve: async (lifecycle, _args, ctx) => (await ownerOf(ctx, lifecycle)) ?? null,
    }),
    build: t.field({
      type: Build,
      nullable: true,
      description:
        'The latest change of its rules, done or on its way; null where they were never changed.',
      resolve: async ({ id }, _args, ctx) => (await loadBuild(ctx, id, undefined)) ?? null,
    }),
    stages: t.field({
      type: [Stage],
      description: 'In order.',
      resolve: ({ stages }) => stages,
    }),
    customerCount: t.int({
      description: 'How many customers have a place in it at present.',
      resolve: async ({ id }, _args, ctx) => {
        const own = (await loadCounts(ctx)).filter(({ lifecycleId }) => lifecycleId === id);
        return own.reduce((sum, { customers }) => sum + customers, 0);
      },
    }),
  }),
});

addUuidNode('Lifecycle', findLifecycleOf);
addNode('Stage', async (ctx, key) => {
  const parsed = parseStageKey(key);
  return parsed && stageOf(ctx, parsed.lifecycleId, parsed.key);
});

builder.prismaObjectField('Stage', 'lifecycle', (t) =>
  t.field({
    type: Lifecycle,
    resolve: ({ lifecycleId }, _args, ctx) => lifecycleOf(ctx, lifecycleId),
  }),
);

export const lifecycleArg = 'The key of a lifecycle, in any case; the default one when absent.';

builder.queryFields((t) => ({
  lifecycle: t.field({
    type: Lifecycle,
    nullable: true,
    description: 'One lifecycle; null when there is none with that key.',
    args: { key: t.arg.string({ description: lifecycleArg }) },
    resolve: async (_root, { key }, ctx) => (await findLifecycle(ctx, key)) ?? null,
  }),
  lifecycles: t.field({
    type: [Lifecycle],
    description: 'All of them, the default one first.',
    resolve: (_root, _args, ctx) => loadCatalogue(ctx),
  }),
  stages: t.field({
    type: [Stage],
    description: 'The stages of one lifecycle, in order.',
    args: { lifecycle: t.arg.string({ description: lifecycleArg }) },
    resolve: async (_root, { lifecycle }, ctx) => (await requireLifecycle(ctx, lifecycle)).stages,
  }),
}));
