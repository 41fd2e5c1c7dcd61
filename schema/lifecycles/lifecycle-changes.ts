import {
  createLifecycle,
  type LifecycleRequest,
} from '../../src/domains/lifecycles/create-lifecycle.ts';
import { deleteLifecycle } from '../../src/domains/lifecycles/delete-lifecycle.ts';
import { makeDefaultLifecycle } from '../../src/domains/lifecycles/make-default-lifecycle.ts';
import { draftStages } from '../../src/domains/lifecycles/templates/lifecycle-template.ts';
import {
  findTemplate,
  lifecycleTemplates,
} from '../../src/domains/lifecycles/templates/lifecycle-templates.ts';
import { updateLifecycle } from '../../src/domains/lifecycles/update-lifecycle.ts';
import { InvalidFilter } from '../../src/engine/conditions/invalid-filter.ts';
import { InUse, InvalidInput, NotFound } from '../../src/platform/errors.ts';
import type { Arg } from '../kernel/builder.ts';
import { addMutation, defineDeletePayload, definePayload } from '../kernel/mutation.ts';
import { OwnerInput, toOwnerIds } from '../members/owner.ts';
import { lifecycleOf, requireLifecycle } from './catalogue.ts';
import { Lifecycle } from './lifecycle.ts';
import { StageInput, toStageRequests } from './stage-input.ts';

declare module '../kernel/context.ts' {
  interface Services {
    /** The maximum number of lifecycles in a workspace. */
    maxLifecycles: number;
  }
}

const LifecyclePayload = definePayload<{ lifecycleId: string }>(
  'LifecyclePayload',
  'The lifecycle in its present state. While `build` is running, its previous stages are active.',
  (t) => ({
    lifecycle: t.field({
      type: Lifecycle,
      resolve: ({ lifecycleId }, _args, ctx) => lifecycleOf(ctx, lifecycleId),
    }),
  }),
);

const lifecycleArgs = (arg: Arg) => ({
  lifecycle: arg.string({
    required: true,
    description: 'The key of a lifecycle, case-insensitive.',
  }),
});
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
  const { memberId, teamId } = toOwnerIds(args.owner);
  const owner = { ownerMemberId: memberId, ownerTeamId: teamId };
  if (args.template == null) return { ...withoutTemplate(args), ...owner };
  if (args.stages != null || args.key != null) {
    throw new InvalidInput('A template defines `key` and `stages`. Omit them, or omit `template`.');
  }
  const template = findTemplate(args.template);
  if (!template)
    throw new InvalidInput(
      `No template has the key ${JSON.stringify(args.template.slice(0, 64))}. Templates: ${templateKeys}.`,
    );
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

function withoutTemplate({ key, name, description, stages }: CreateArgs) {
  if (key == null || name == null || stages == null) {
    throw new InvalidInput('Pass either `template`, or `key`, `name` and `stages`.');
  }
  return { key, name, description: description ?? '', stages: toStageRequests(stages) };
}

addMutation('createLifecycle', {
  type: LifecyclePayload,
  description:
    'Creates a lifecycle from a template or from stages. It is built in the background: `Lifecycle.build` shows the progress, and all stages become active at once. The resulting moves have the cause DEFINITION.',
  errors: [InvalidInput, InvalidFilter, NotFound],
  args: (arg) => ({
    template: arg.string({
      description: 'The key of one of `lifecycleTemplates`, case-insensitive.',
    }),
    key: arg.string({
      description:
        'Unique in the workspace and immutable: a letter, then letters, digits and underscores; stored in upper case.',
    }),
    name: arg.string({ description: 'Default: the name of the template.' }),
    description: arg.string(),
    stages: arg({ type: [StageInput], description: stagesArg }),
    owner: arg({ type: OwnerInput, description: 'The owner of the whole lifecycle.' }),
  }),
  parse: toRequest,
  write: (db, request, { services: { maxLifecycles }, now }) =>
    createLifecycle(db, request, { now: now(), maxLifecycles }),
});

addMutation('updateLifecycle', {
  type: LifecyclePayload,
  description:
    'Changes a lifecycle. Omitted arguments keep their value. New rules are a new version: it is built in the background while the previous one stays active (`lifecyclePreview` shows the effect). Names, goals and owners change immediately.',
  errors: [InvalidInput, InvalidFilter, NotFound, InUse],
  args: (arg) => ({
    ...lifecycleArgs(arg),
    name: arg.string(),
    description: arg.string(),
    stages: arg({ type: [StageInput], description: stagesArg }),
    owner: arg({ type: OwnerInput, description: 'Null removes the owner.' }),
  }),
  parse: async (args, ctx) => ({
    lifecycleId: (await requireLifecycle(ctx, args.lifecycle)).id,
    update: {
      name: args.name ?? undefined,
      description: args.description ?? undefined,
      owner: args.owner === undefined ? undefined : toOwnerIds(args.owner),
      stages: args.stages ? toStageRequests(args.stages) : undefined,
    },
  }),
  write: (db, request, { now }) => updateLifecycle(db, request, now()),
});

addMutation('deleteLifecycle', {
  type: defineDeletePayload('Lifecycle'),
  description:
    'Deletes a lifecycle with the stages of all customers in it. Recorded changes are kept. Refused for the default lifecycle and while segments or rules use its stages.',
  errors: [InvalidInput, NotFound, InUse],
  args: lifecycleArgs,
  parse: async ({ lifecycle }, ctx) => ({ id: (await requireLifecycle(ctx, lifecycle)).id }),
  write: (db, { id }) => deleteLifecycle(db, id),
});

addMutation('makeDefaultLifecycle', {
  type: LifecyclePayload,
  description:
    'Makes a lifecycle the default one, used where no lifecycle is named. Refused while segments or rules use stages without naming a lifecycle, because their meaning would change.',
  errors: [InvalidInput, NotFound, InUse],
  args: lifecycleArgs,
  parse: async ({ lifecycle }, ctx) => ({
    lifecycleId: (await requireLifecycle(ctx, lifecycle)).id,
  }),
  write: (db, { lifecycleId }) => makeDefaultLifecycle(db, lifecycleId),
});
