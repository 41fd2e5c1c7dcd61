import type { Goal as GoalShape } from '../../src/domains/lifecycles/goal.ts';
import { builder } from '../kernel/builder.ts';

const GoalComparison = builder.enumType('GoalComparison', {
  description: 'Which values of a metric reach a goal.',
  values: {
    AT_LEAST: { value: 'atLeast' },
    AT_MOST: { value: 'atMost' },
  } as const satisfies Record<string, { value: GoalShape['comparison'] }>,
});

/** A goal as it is stored with a stage. */
export const Goal = builder.objectRef<GoalShape>('Goal').implement({
  description:
    'What is to be reached in a stage: a metric and the value it is to have. It is kept with the stage; nothing is measured against it yet.',
  fields: (t) => ({
    metric: t.exposeString('metric', { description: 'The key of a metric.' }),
    comparison: t.expose('comparison', { type: GoalComparison }),
    value: t.exposeFloat('value'),
    unit: t.exposeString('unit', {
      nullable: true,
      description: 'For people, such as "%" or "days".',
    }),
  }),
});

/** To be checked with `parseGoals`. */
export const GoalInput = builder.inputType('GoalInput', {
  description: 'What is to be reached in a stage: a metric and the value it is to have.',
  fields: (t) => ({
    metric: t.string({ required: true, description: 'The key of a metric.' }),
    comparison: t.field({ type: GoalComparison, required: true }),
    value: t.float({ required: true }),
    unit: t.string({ description: 'For people, such as "%" or "days".' }),
  }),
});
