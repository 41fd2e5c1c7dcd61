import { addFilterClauses } from '../filter/filter.ts';
import { builder } from '../kernel/builder.ts';

const SegmentCondition = builder.inputType('SegmentCondition', {
  description: 'Membership in segments, at the very instant that is asked about.',
  isOneOf: true,
  fields: (t) => ({
    in: t.stringList({ description: 'In any of these: keys, 1 to 100, in any case.' }),
    notIn: t.stringList({ description: 'In none of these: keys, 1 to 100, in any case.' }),
  }),
});

addFilterClauses((t) => ({
  segment: t.field({ type: SegmentCondition, description: 'The membership in segments.' }),
}));
