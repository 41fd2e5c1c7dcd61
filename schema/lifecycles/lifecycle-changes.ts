import type { LifecycleRequest } from '../../src/domains/lifecycles/define-lifecycle.ts';
import { draftStages } from '../../src/domains/lifecycles/templates/lifecycle-template.ts';
import {
  findTemplate,
  lifecycleTemplates,
} from '../../src/domains/lifecycles/templates/lifecycle-templates.ts';
import { InvalidFilter } from '../../src/engine/conditions/invalid-filter.ts';
import { InUse, InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import { formatGlobalId } from '../kernel/global-id.ts';
import { leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import { OwnerInput, toOwnerIds } from '../members/owner.ts';
import { lifecycleOf, requireLifecycle } from './catalogue.ts';
import { Lifecycle } from './lifecycle.ts';
import { StageInput, toStageRequests } from './stage-input.ts';

const LifecyclePayload = builder.objectRef<{ lifecycleId: string }>('LifecyclePayload').implement({
  authScopes: coveredByMutation,
  description: 'The lifecycle as it is now. While `build` is running, its former stages answer.',
  fields: (t) => ({
    lifecycle: t.field({
      type: Lifecycle,
      resolve: ({ lifecycleId }, _args, ctx) => lifecycleOf(ctx, lifecycleId),
    }),
  }),
});

const DeleteLifecyclePayload = builder
  .objectRef<{ lifecycleId: string }>('DeleteLifecyclePayload')
  .implement({
    authScopes: coveredByMutation,
    description: 'The lifecycle that was deleted.',
    fields: (t) => ({
      id: t.id({ resolve: ({ lifecycleId }) => formatGlobalId('Lifecycle', lifecycleId) }),
    }),
  });

const keyArg = 'The key of a lifecycle, in any case.';
const stagesArg = 'All stages, in order.';

interface CreateArgs {
  template?: string | null | undefined;
  key?: string | null | undefined;
  name?: string | null | undefined;
  description?: string | null | undefined;
  stages?: Array<typeof StageInput.$inferInput> | null | undefined;
  owner?: typeof OwnerInput.$inferInput | null | undefined;
}

/** @throws InvalidInput, InvalidFilter, NotFound */
function toRequest(args: CreateArgs): LifecycleRequest {
  const { memberId, teamId } = toOwnerIds(args.owner ?? null);
  const owner = { ownerMemberId: memberId, ownerTeamId: teamId };
  if (args.template == null) return { ...ownLifecycle(args), ...owner };
  if (args.stages != null || args.key != null) {
    throw new InvalidInput('A template brings its own `key` and `stages`: leave them out.');
  }
  const template = findTemplate(args.template);
  if (!template) throw new InvalidInput(`There is no such template. There are: ${templateKeys}.`);
  const { key, name, description } = template;
  return {
    key,
    name: args.name ?? name,
    description: args.description ?? description,
    stages: draftStages(template),
    ...owner,
  };
}

const templateKeys = lifecycleTemplates.map(({ key }) => key).join(', ');

function ownLifecycle({ key, name, description, stages }: CreateArgs) {
  if (key == null || name == null || stages == null) {
    throw new InvalidInput('Pass a `template`, or `key`, `name` and `stages`.');
  }
  return { key, name, description: description ?? '', stages: toStageRequests(stages) };
}

builder.mutationFields((t) => ({
  createLifecycle: t.field({
    type: LifecyclePayload,
    description:
      'Makes a lifecycle, of a template or of your own stages. It is built in the background: `Lifecycle.build` tells how far that has got, and then all its stages are in force at once. Moves that come of it have the cause DEFINITION.',
    authScopes: { write: true },
    errors: { types: [InvalidInput, InvalidFilter, NotFound] },
    args: {
      template: t.arg.string({
        description: 'The key of one of `lifecycleTemplates`, in any case.',
      }),
      key: t.arg.string({
        description:
          'Unique in the workspace and never changed: a letter, then letters, digits and underscores; kept in capitals.',
      }),
      name: t.arg.string({ description: "The template's when absent." }),
      description: t.arg.string(),
      stages: t.arg({ type: [StageInput], description: stagesArg }),
      owner: t.arg({ type: OwnerInput, description: 'Who answers for it as a whole.' }),
    },
    resolve: async (_root, args, ctx) => {
      const request = toRequest(args);
      await leaveSnapshot(ctx);
      return ctx.services.lifecycles.create(ctx.workspaceId, request, ctx.now());
    },
  }),
  updateLifecycle: t.field({
    type: LifecyclePayload,
    description:
      'Changes a lifecycle; what is left out stays as it was. New rules are a new version: it is built in the background while the old one answers (see `lifecyclePreview` for what would come of it). Names, goals and owners are changed at once.',
    authScopes: { write: true },
    errors: { types: [InvalidInput, InvalidFilter, NotFound, InUse] },
    args: {
      lifecycle: t.arg.string({ required: true, description: keyArg }),
      name: t.arg.string(),
      description: t.arg.string(),
      stages: t.arg({ type: [StageInput], description: stagesArg }),
      owner: t.arg({ type: OwnerInput, description: 'Null for none.' }),
    },
    resolve: async (_root, args, ctx) => {
      const { id } = await requireLifecycle(ctx, args.lifecycle);
      const update = {
        name: args.name ?? undefined,
        description: args.description ?? undefined,
        owner: args.owner === undefined ? undefined : toOwnerIds(args.owner),
        stages: args.stages ? toStageRequests(args.stages) : undefined,
      };
      await leaveSnapshot(ctx);
      await ctx.services.lifecycles.update(ctx.workspaceId, id, update, ctx.now());
      return { lifecycleId: id };
    },
  }),
  deleteLifecycle: t.field({
    type: DeleteLifecyclePayload,
    description:
      "Deletes a lifecycle and every customer's place in it; the log keeps what it told of it. Refused for the default one, and while segments or rules ask for its stages.",
    authScopes: { write: true },
    errors: { types: [InvalidInput, NotFound, InUse] },
    args: { lifecycle: t.arg.string({ required: true, description: keyArg }) },
    resolve: async (_root, args, ctx) => {
      const { id } = await requireLifecycle(ctx, args.lifecycle);
      await leaveSnapshot(ctx);
      await ctx.services.lifecycles.delete(ctx.workspaceId, id);
      return { lifecycleId: id };
    },
  }),
  makeDefaultLifecycle: t.field({
    type: LifecyclePayload,
    description:
      'Makes a lifecycle the one that is meant where none is named. Refused while segments or rules ask for stages without naming a lifecycle, since they would come to mean another one.',
    authScopes: { write: true },
    errors: { types: [InvalidInput, NotFound, InUse] },
    args: { lifecycle: t.arg.string({ required: true, description: keyArg }) },
    resolve: async (_root, args, ctx) => {
      const { id } = await requireLifecycle(ctx, args.lifecycle);
      await leaveSnapshot(ctx);
      await ctx.services.lifecycles.makeDefault(ctx.workspaceId, id);
      return { lifecycleId: id };
    },
  }),
}));
