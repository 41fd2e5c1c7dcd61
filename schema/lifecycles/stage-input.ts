import type { StageRequest } from '../../src/domains/lifecycles/parse-stages.ts';
import { CustomerFilter, toFilter } from '../filter/filter.ts';
import { builder } from '../kernel/builder.ts';
import { OwnerInput, toOwnerIds } from '../members/owner.ts';
import { GoalInput } from './goal.ts';
import { LifecyclePhase } from './lifecycle.ts';

export const StageInput = builder.inputType('StageInput', {
  description:
    'A stage as it is to be. Of the stages whose `entry` holds for a customer the last one counts.',
  fields: (t) => ({
    key: t.string({
      required: true,
      description:
        'Unique in its lifecycle: a letter, then letters, digits and underscores; kept in capitals.',
    }),
    name: t.string({ required: true }),
    phase: t.field({ type: LifecyclePhase, required: true }),
    description: t.string(),
    synonyms: t.stringList({ description: 'What else people call it.' }),
    entry: t.field({
      type: CustomerFilter,
      required: true,
      description:
        'Who belongs to it. A rule may ask for stages of its own lifecycle only by `within` or `ever`.',
    }),
    stay: t.field({
      type: CustomerFilter,
      description:
        'Who once in it remains, though `entry` holds no more, unless a later stage takes the customer.',
    }),
    expectedDuration: t.field({
      type: 'Duration',
      description: 'How long a customer is expected to be in it.',
    }),
    goals: t.field({ type: [GoalInput] }),
    owner: t.field({ type: OwnerInput, description: 'Who answers for it.' }),
    acceptWithin: t.field({
      type: 'Duration',
      description: 'How soon the owner has to accept whoever is handed over to it.',
    }),
  }),
});

/** @throws InvalidFilter, NotFound for an owner */
export const toStageRequests = (
  inputs: ReadonlyArray<typeof StageInput.$inferInput>,
): StageRequest[] => inputs.map((input, index) => toStageRequest(input, `stages.${index}`));

function toStageRequest(input: typeof StageInput.$inferInput, path: string): StageRequest {
  const owner = toOwnerIds(input.owner ?? null);
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
