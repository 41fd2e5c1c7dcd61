import { z } from 'zod';
import type { Condition } from '../../../engine/conditions/condition.ts';
import type { FilterClause, ResolveContext } from '../../../engine/conditions/filter-clause.ts';
import { InvalidFilter } from '../../../engine/conditions/invalid-filter.ts';
import { findByKey, unknownKey } from '../../../engine/conditions/named.ts';
import { placementCondition } from '../../../engine/conditions/placement-condition.ts';
import type { StageLimit } from '../../../engine/conditions/scope.ts';
import { shape } from '../../../engine/conditions/shape.ts';
import type { Vocabulary } from '../../../engine/conditions/vocabulary.ts';
import type { NamedLifecycle } from './lifecycle-vocabulary.ts';
import { stageEvidence } from './stage-evidence.ts';

const StageCondition = z
  .strictObject({
    lifecycle: shape.text.optional(),
    in: shape.texts.optional(),
    notIn: shape.texts.optional(),
    forAtLeast: shape.duration.optional(),
    enteredWithin: shape.duration.optional(),
    within: shape.duration.optional(),
    ever: z.literal(true).optional(),
  })
  .superRefine((given, ctx) => {
    const lists = [given.in, given.notIn].filter((list) => list !== undefined);
    if (lists.length !== 1) {
      ctx.addIssue({ code: 'custom', message: 'must have exactly one of: in, notIn' });
    }
    const limits = [given.forAtLeast, given.enteredWithin, given.within, given.ever];
    if (limits.filter((limit) => limit !== undefined).length > 1) {
      const message = 'must have at most one of: forAtLeast, enteredWithin, within, ever';
      ctx.addIssue({ code: 'custom', message });
    }
    if (given.notIn && (given.forAtLeast ?? given.enteredWithin) !== undefined) {
      const message = '`notIn` goes with `within` or `ever`, not with times in the stage';
      ctx.addIssue({ code: 'custom', message });
    }
  });
export type StageCondition = z.infer<typeof StageCondition>;

declare module '../../../engine/conditions/filter.ts' {
  interface FilterClauses {
    stage: StageCondition;
  }
}

/** A stage of a lifecycle, now or earlier. */
export const stageClause: FilterClause<StageCondition> = {
  name: 'stage',
  input: StageCondition,
  resolve: resolveStage,
  explain: async (input, query) => {
    const lifecycle = findLifecycle(query.vocabulary, input.lifecycle);
    return lifecycle ? stageEvidence({ ...input, lifecycle }, query) : {};
  },
};

function resolveStage(input: StageCondition, context: ResolveContext): Condition {
  const { vocabulary, path, enclosing } = context;
  const lifecycle = requireLifecycle(vocabulary, input.lifecycle, path);
  const limit = limitOf(input);
  checkReferences(lifecycle, limit, context);
  const keys = input.in ?? input.notIn ?? [];
  // Rules that are only followed for circles may name stages that a new definition adds or removes.
  const isFollowed = enclosing.includes(lifecycle.id);
  const stages = isFollowed ? keys : keys.map((key) => requireStage(lifecycle, key, path));
  const condition = placementCondition({
    ruleSetId: lifecycle.id,
    stages,
    ...(limit && { limit }),
  });
  return input.in ? condition : { not: condition };
}

/** @throws InvalidFilter where the lifecycle depends on the definition that the clause is part of */
function checkReferences(
  lifecycle: NamedLifecycle,
  limit: StageLimit | undefined,
  { vocabulary, path, owner, enclosing, resolveWithin }: ResolveContext,
) {
  if (lifecycle.id !== owner.ownLifecycleId) {
    // Its rules may refer to the definition in turn.
    if (enclosing.includes(lifecycle.id)) return;
    for (const rule of lifecycle.rules) resolveWithin(lifecycle.id, rule);
    return;
  }
  if (vocabulary.lifecycles.some(({ id }) => enclosing.includes(id))) {
    throw new InvalidFilter(path, `"${lifecycle.key}" would be defined by itself`);
  }
  if (!limit || !('within' in limit || 'ever' in limit)) {
    const problem = 'a stage may refer to its own lifecycle only by `within` or `ever`';
    throw new InvalidFilter(path, problem);
  }
}

function limitOf(input: StageCondition): StageLimit | undefined {
  if (input.forAtLeast !== undefined) return { forAtLeast: input.forAtLeast };
  if (input.enteredWithin !== undefined) return { enteredWithin: input.enteredWithin };
  if (input.within !== undefined) return { within: input.within };
  return input.ever ? { ever: true } : undefined;
}

const findLifecycle = ({ lifecycles }: Vocabulary, key: string | undefined) =>
  key === undefined ? lifecycles.find(({ isDefault }) => isDefault) : findByKey(lifecycles, key);

function requireLifecycle(vocabulary: Vocabulary, key: string | undefined, path: string) {
  const found = findLifecycle(vocabulary, key);
  if (found) return found;
  throw key === undefined
    ? new InvalidFilter(path, 'there is no default lifecycle: name one')
    : unknownKey(path, 'lifecycle', key, vocabulary.lifecycles);
}

function requireStage({ key: lifecycle, stages }: NamedLifecycle, key: string, path: string) {
  if (stages.length === 0) {
    const problem = `the lifecycle ${lifecycle} is still being built and has no stages until its build is done`;
    throw new InvalidFilter(path, problem);
  }
  const named = stages.map((stage) => ({ key: stage }));
  const found = findByKey(named, key);
  if (!found) throw unknownKey(path, `stage of ${lifecycle}`, key, named);
  return found.key;
}
