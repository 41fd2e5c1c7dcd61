import type { StageRequest } from '../../src/domains/lifecycles/parse-stages.ts';
import { CustomerFilter, toFilter } from '../filter/filter.ts';
import { builder } from '../kernel/builder.ts';
import { OwnerInput, toOwnerIds } from '../members/owner.ts';
import { GoalInput } from './goal.ts';
import { LifecyclePhase } from './lifecycle.ts';

export const StageInput = builder.inputType('StageInput', {
  description:
    'The definition of a stage. If `entry` of several stages matches a customer, the last one applies.',
  fields: (t) => ({
    key: t.string({
      required: true,
      description:
        'Unique in the lifecycle: a letter, then letters, digits and underscores; stored in upper case.',
    }),
    name: t.string({ required: true }),
    phase: t.field({ type: LifecyclePhase, required: true }),
    description: t.string(),
    synonyms: t.stringList({ description: 'Other names of the stage.' }),
    entry: t.field({
      type: CustomerFilter,
      required: true,
      description:
        'The rule for entering the stage. It may refer to stages of its own lifecycle only with `within` or `ever`.',
    }),
    stay: t.field({
      type: CustomerFilter,
      description:
        'The rule for staying in the stage when `entry` no longer matches. A later stage whose `entry` matches takes precedence.',
    }),
    expectedDuration: t.field({
      type: 'Duration',
      description: 'The expected time in the stage.',
    }),
    goals: t.field({ type: [GoalInput] }),
    owner: t.field({ type: OwnerInput }),
    acceptWithin: t.field({
      type: 'Duration',
      description:
        'The time within which the owner has to accept a customer handed over to the stage.',
    }),
  }),
});

/** @throws InvalidFilter, NotFound for an owner */
export const toStageRequests = (
  inputs: ReadonlyArray<typeof StageInput.$inferInput>,
): StageRequest[] => inputs.map((input, index) => toStageRequest(input, `stages.${index}`));

function toStageRequest(input: typeof StageInput.$inferInput, path: string): StageRequest {
  const owner = toOwnerIds(input.owner);
  return {
    key: input.key,
    name: input.name,
    phase: input.phase,
    description: input.description ?? '',
    synonyms: input.synonyms ?? [],
    entry: toFilter(input.entry, `${path}.entry`),
    stay: input.stay ? toFilter(input.stay, `${path}.stay`) : null,
    expectedDuration: input.expectedDuration ?? null,
    acceptWithin: input.acceptWithin ?? null,
    goals: input.goals ?? [],
    ownerMemberId: owner.memberId,
    ownerTeamId: owner.teamId,
  };
}
