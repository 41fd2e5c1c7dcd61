import { addWhySubject } from '../filter/why.ts';

addWhySubject<string>('segment', {
  field: (t) => t.string({ description: 'The filter of a segment, by its key, case-insensitive.' }),
  toFilter: async (_ctx, key) => ({ segment: { in: [key] } }),
});
