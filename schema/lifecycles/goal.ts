import type { Goal } from '../../src/domains/lifecycles/definition/goal.ts';
import { builder } from '../kernel/builder.ts';

const GoalComparison = builder.enumType('GoalComparison', {
  description: 'How a metric is compared with the goal.',
  values: {
    AT_LEAST: { value: 'atLeast' },
    AT_MOST: { value: 'atMost' },
  } as const satisfies Record<string, { value: Goal['comparison'] }>,
});

/** A goal as it is stored with a stage. */
export const GoalType = builder.objectRef<Goal>('Goal').implement({
  description:
    'The goal of a stage: a metric and its target value. Goals are stored but not evaluated yet.',
  fields: (t) => ({
    metric: t.exposeString('metric', { description: 'The key of a metric.' }),
    comparison: t.expose('comparison', { type: GoalComparison }),
    value: t.exposeFloat('value'),
    unit: t.exposeString('unit', {
      nullable: true,
      description: 'The unit for display, such as "%" or "days".',
    }),
  }),
});

/** Validated by `parseGoals`. */
export const GoalInput = builder.inputType('GoalInput', {
  description: 'The goal of a stage: a metric and its target value.',
  fields: (t) => ({
    metric: t.string({ required: true, description: 'The key of a metric.' }),
    comparison: t.field({ type: GoalComparison, required: true }),
    value: t.float({ required: true }),
    unit: t.string({ description: 'The unit for display, such as "%" or "days".' }),
  }),
});
