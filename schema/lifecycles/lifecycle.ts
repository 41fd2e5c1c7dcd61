import type { ObjectRef } from '@pothos/core';
import type { Goal } from '../../src/domains/lifecycles/definition/goal.ts';
import { type Phase, phases } from '../../src/domains/lifecycles/definition/phases.ts';
import { countStages } from '../../src/domains/lifecycles/stage-counts.ts';
import { builder, type SchemaTypes } from '../kernel/builder.ts';
import { isUuid } from '../kernel/global-id.ts';
import { addNode, addUuidNode, keyedById } from '../kernel/node.ts';
import { perOperation } from '../kernel/per-operation.ts';
import { OwnerType, ownerOf } from '../members/owner.ts';
import { Build, loadBuild } from './build.ts';
import {
  findLifecycle,
  findLifecycleOf,
  lifecycleOf,
  loadCatalogue,
  requireLifecycle,
  stageOf,
} from './catalogue.ts';
import { GoalType } from './goal.ts';

export const loadCounts = perOperation(({ tx, workspaceId }) => countStages(tx, workspaceId));

/** The key of a stage in a global id. Stages of two lifecycles may have the same key. */
const stageKey = (stage: { lifecycleId: string; key: string }) =>
  `${stage.lifecycleId}:${stage.key}`;

function parseStageKey(key: string): { lifecycleId: string; key: string } | undefined {
  const [lifecycleId = '', ...rest] = key.split(':');
  return isUuid(lifecycleId) ? { lifecycleId, key: rest.join(':') } : undefined;
}

export const LifecyclePhase = builder.enumType('LifecyclePhase', {
  description:
    'General phases of a customer lifecycle, which make stages of different lifecycles comparable.',
  values: phases,
});

export const Stage = builder.prismaNode('Stage', {
  description: 'A stage of a lifecycle. A customer is in at most one stage of each lifecycle.',
  id: { resolve: stageKey },
  findUnique: (id, { workspaceId }) => ({
    workspaceId_lifecycleId_key: { workspaceId, lifecycleId: '', key: '', ...parseStageKey(id) },
  }),
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Unique in its lifecycle, such as "RETENTION".' }),
    name: t.exposeString('name'),
    synonyms: t.exposeStringList('synonyms', { description: 'Other names of the stage.' }),
    description: t.exposeString('description'),
    phase: t.field({
      type: LifecyclePhase,
      description: 'The general phase, comparable between lifecycles.',
      // The column holds these values only.
      resolve: ({ phase }) => phase as Phase,
    }),
    ordinal: t.exposeInt('ordinal', {
      description: 'The position in the order of stages, from 0.',
    }),
    entry: t.expose('entry', {
      type: 'JSON',
      description:
        'The rule for entering the stage, a `CustomerFilter`. If several stages match, the last one applies.',
    }),
    stay: t.expose('stay', {
      type: 'JSON',
      nullable: true,
      description:
        'The rule for staying in the stage when `entry` no longer matches, a `CustomerFilter`. A later stage whose `entry` matches takes precedence.',
    }),
    expectedDuration: t.expose('expectedDuration', {
      type: 'Duration',
      nullable: true,
      description: 'The expected time in the stage.',
    }),
    acceptWithin: t.expose('acceptWithin', {
      type: 'Duration',
      nullable: true,
      description:
        'The time within which the owner has to accept a customer handed over to the stage.',
    }),
    goals: t.field({
      type: [GoalType],
      description: 'The goals of the stage.',
      // The column holds validated goals only.
      resolve: ({ goals }) => goals as unknown as Goal[],
    }),
    owner: t.field({
      type: OwnerType,
      nullable: true,
      description: 'The owner of the stage.',
      resolve: (stage, _args, ctx) => ownerOf(ctx, stage),
    }),
    customerCount: t.int({
      description: 'The present number of customers in the stage.',
      resolve: async ({ lifecycleId, key }, _args, ctx) => {
        const counts = await loadCounts(ctx);
        const own = counts.find((row) => row.lifecycleId === lifecycleId && row.stageKey === key);
        return own?.customers ?? 0;
      },
    }),
  }),
});

export const Lifecycle = builder.prismaNode('Lifecycle', {
  description: 'An ordered list of stages with rules. A workspace may have several lifecycles.',
  include: { stages: { orderBy: { ordinal: 'asc' } } },
  ...keyedById,
  fields: (t) => ({
    key: t.exposeString('key', {
      description: 'Unique in the workspace, such as "REACH_TO_LOYALTY".',
    }),
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    isDefault: t.exposeBoolean('isDefault', {
      description: 'True for the lifecycle used where none is named.',
    }),
    version: t.exposeInt('version', { description: 'Incremented with every change of the rules.' }),
    owner: t.field({
      type: OwnerType,
      nullable: true,
      description: 'The owner of the whole lifecycle.',
      resolve: (lifecycle, _args, ctx) => ownerOf(ctx, lifecycle),
    }),
    build: t.field({
      type: Build,
      nullable: true,
      description: 'The latest build of changed rules. Null if the rules never changed.',
      resolve: ({ id }, _args, ctx) => loadBuild(ctx, id),
    }),
    stages: t.field({
      type: [Stage],
      description: 'The stages in order.',
      resolve: ({ stages }) => stages,
    }),
    customerCount: t.int({
      description: 'The present number of customers in the lifecycle.',
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

/** Adds the stage of a row by its key. */
export function addStageOfKey<Row extends { lifecycleId: string; stageKey: string }>(
  ref: ObjectRef<SchemaTypes, Row>,
): void {
  builder.objectFields(ref, (t) => ({
    stage: t.field({
      type: Stage,
      nullable: true,
      description: 'Null if the lifecycle no longer has the stage.',
      resolve: ({ lifecycleId, stageKey: key }, _args, ctx) => stageOf(ctx, lifecycleId, key),
    }),
    stageKey: t.string({ resolve: (row) => row.stageKey }),
  }));
}

export const lifecycleArg =
  'The key of a lifecycle, case-insensitive. Default: the default lifecycle.';

builder.queryFields((t) => ({
  lifecycle: t.field({
    type: Lifecycle,
    nullable: true,
    description: 'One lifecycle. Null if none has the key.',
    args: { key: t.arg.string({ description: lifecycleArg }) },
    resolve: (_root, { key }, ctx) => findLifecycle(ctx, key),
  }),
  lifecycles: t.field({
    type: [Lifecycle],
    description: 'All lifecycles, the default one first.',
    resolve: (_root, _args, ctx) => loadCatalogue(ctx),
  }),
  stages: t.field({
    type: [Stage],
    description: 'The stages of one lifecycle, in order.',
    args: { lifecycle: t.arg.string({ description: lifecycleArg }) },
    resolve: async (_root, { lifecycle }, ctx) => (await requireLifecycle(ctx, lifecycle)).stages,
  }),
}));
