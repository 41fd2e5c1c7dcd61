import { addFilterClauses } from '../filter/filter.ts';
import { builder } from '../kernel/builder.ts';

const StageCondition = builder.inputType('StageCondition', {
  description:
    'A stage in one lifecycle: exactly one of `in` and `notIn`, and at most one of the time conditions. `notIn` matches the customers that `in` does not match.',
  fields: (t) => ({
    lifecycle: t.string({
      description: 'The key of a lifecycle, case-insensitive. Default: the default lifecycle.',
    }),
    in: t.stringList({ description: 'The keys of stages, 1 to 100, case-insensitive.' }),
    notIn: t.stringList({
      description: 'The keys of stages, 1 to 100. Only with `within` or `ever`.',
    }),
    forAtLeast: t.field({
      type: 'Duration',
      description: 'Has been in the present stage for this duration or longer.',
    }),
    enteredWithin: t.field({
      type: 'Duration',
      description: 'Entered the present stage less than this duration ago.',
    }),
    within: t.field({
      type: 'Duration',
      description: 'Is in one of the stages, or left one less than this duration ago.',
    }),
    ever: t.boolean({ description: 'Is or was in one of the stages. Only `true` is allowed.' }),
  }),
});

addFilterClauses((t) => ({
  stage: t.field({ type: StageCondition, description: 'The stage in a lifecycle.' }),
}));
