import type { Filter } from '../../src/engine/conditions/filter.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { addWhySubject } from '../filter/why.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { requireLifecycle, requireStages } from './catalogue.ts';
import { lifecycleArg } from './lifecycle.ts';

const StageRef = builder.inputType('StageRef', {
  description: 'A stage of a lifecycle.',
  fields: (t) => ({
    lifecycle: t.string({ description: lifecycleArg }),
    stage: t.string({ required: true, description: 'The key of the stage, case-insensitive.' }),
  }),
});

const ruleTexts = {
  entry: 'The rule for entering a stage.',
  stay: 'The rule for staying in a stage.',
} as const;

for (const [name, description] of Object.entries(ruleTexts)) {
  addWhySubject<typeof StageRef.$inferInput>(name, {
    field: (t) => t.field({ type: StageRef, description }),
    toFilter: (ctx, ref) => ruleOf(ctx, ref, name as keyof typeof ruleTexts),
  });
}

async function ruleOf(
  ctx: RequestContext,
  ref: typeof StageRef.$inferInput,
  name: keyof typeof ruleTexts,
): Promise<Filter> {
  const lifecycle = await requireLifecycle(ctx, ref.lifecycle);
  const [key] = requireStages(lifecycle, [ref.stage]);
  const rule = lifecycle.stages.find((stage) => stage.key === key)?.[name];
  if (!rule) throw new InvalidInput(`The stage ${key} has no \`${name}\` rule.`);
  // The rule was validated when it was stored.
  return rule as unknown as Filter;
}
