import { addFilterClauses } from '../filter/filter.ts';
import { addWhySubject } from '../filter/why.ts';
import { builder } from '../kernel/builder.ts';

const SegmentCondition = builder.inputType('SegmentCondition', {
  description: 'The membership in segments at the time of evaluation.',
  isOneOf: true,
  fields: (t) => ({
    in: t.stringList({
      description: 'Is in at least one of these segments: keys, 1 to 100, case-insensitive.',
    }),
    notIn: t.stringList({
      description: 'Is in none of these segments: keys, 1 to 100, case-insensitive.',
    }),
  }),
});

addFilterClauses((t) => ({
  segment: t.field({ type: SegmentCondition, description: 'The membership in segments.' }),
}));

addWhySubject<string>('segment', {
  field: (t) => t.string({ description: 'The filter of a segment, by its key, case-insensitive.' }),
  toFilter: async (_ctx, key) => ({ segment: { in: [key] } }),
});
