import { addFilterClauses } from '../filter/filter.ts';
import { builder } from '../kernel/builder.ts';

const StageCondition = builder.inputType('StageCondition', {
  description:
    'A place in one lifecycle: exactly one of `in` and `notIn`, and at most one of the times. `notIn` holds for whoever the same with `in` does not hold for.',
  fields: (t) => ({
    lifecycle: t.string({
      description: 'The key of a lifecycle, in any case; the default one when absent.',
    }),
    in: t.stringList({ description: 'Keys of stages, 1 to 100, in any case.' }),
    notIn: t.stringList({ description: 'The same; goes with `within` or `ever` only.' }),
    forAtLeast: t.field({
      type: 'Duration',
      description: 'Has been in the present one for this span or longer.',
    }),
    enteredWithin: t.field({
      type: 'Duration',
      description: 'Came into the present one less than this span ago.',
    }),
    within: t.field({
      type: 'Duration',
      description: 'Is in one now, or left one less than this span ago.',
    }),
    ever: t.boolean({ description: 'Is or was in one; only `true` can be asked for.' }),
  }),
});

addFilterClauses((t) => ({
  stage: t.field({ type: StageCondition, description: 'The stage in a lifecycle.' }),
}));
