import { createSegment } from '../../src/domains/segments/create-segment.ts';
import { deleteSegment } from '../../src/domains/segments/delete-segment.ts';
import { updateSegment } from '../../src/domains/segments/update-segment.ts';
import { InvalidFilter } from '../../src/engine/conditions/invalid-filter.ts';
import { InUse, InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { CustomerFilter, toFilter } from '../filter/filter.ts';
import type { Arg } from '../kernel/builder.ts';
import {
  addMutation,
  defineDeletePayload,
  definePayload,
  requireWritten,
} from '../kernel/mutation.ts';
import { OwnerInput, toOwnerIds } from '../members/owner.ts';
import { findSegment, requireSegment, Segment, segmentArg } from './segment.ts';

declare module '../kernel/context.ts' {
  interface Services {
    /** The maximum number of segments in a workspace. */
    maxSegments: number;
  }
}

const SegmentPayload = definePayload<{ segmentId: string }>(
  'SegmentPayload',
  'The segment in its present state. While `build` is running, its previous filter is active.',
  (t) => ({
    segment: t.field({
      type: Segment,
      resolve: ({ segmentId }, _args, ctx) =>
        requireWritten('segment', findSegment(ctx, segmentId)),
    }),
  }),
);

const segmentArgs = (arg: Arg) => ({
  segment: arg.string({ required: true, description: segmentArg }),
});

addMutation('createSegment', {
  type: SegmentPayload,
  description:
    'Creates a segment with a filter or, without one, a manual list. The members are determined in the background: `Segment.build` shows the progress, and all members enter at once when it is done. Afterwards every event and the passing of time update the membership.',
  errors: [InvalidInput, InvalidFilter, NotFound],
  args: (arg) => ({
    key: arg.string({
      description:
        'Unique in the workspace and immutable: a letter, then letters, digits and underscores; stored in upper case. Default: derived from the name.',
    }),
    name: arg.string({ required: true }),
    description: arg.string(),
    tags: arg.stringList({ description: 'Labels for sorting segments.' }),
    owner: arg({ type: OwnerInput }),
    filter: arg({ type: CustomerFilter, description: 'Omit it for a manual list.' }),
  }),
  parse: (args) => ({
    key: args.key ?? undefined,
    name: args.name,
    description: args.description ?? '',
    tags: args.tags ?? [],
    owner: toOwnerIds(args.owner),
    filter: args.filter ? toFilter(args.filter, 'filter') : null,
  }),
  write: (db, request, { services: { maxSegments }, now }) =>
    createSegment(db, request, { now: now(), maxSegments }),
});

addMutation('updateSegment', {
  type: SegmentPayload,
  description:
    'Changes a segment. Omitted arguments keep their value. A new filter is a new version: it is built in the background while the previous one stays active. Members of both versions keep their `since`. A manual list has no filter.',
  errors: [InvalidInput, InvalidFilter, NotFound],
  args: (arg) => ({
    ...segmentArgs(arg),
    name: arg.string(),
    description: arg.string(),
    tags: arg.stringList({ description: 'All tags. Replaces the present list.' }),
    owner: arg({ type: OwnerInput, description: 'Null removes the owner.' }),
    filter: arg({ type: CustomerFilter }),
  }),
  parse: async (args, ctx) => ({
    segmentId: (await requireSegment(ctx, args.segment)).id,
    update: {
      name: args.name ?? undefined,
      description: args.description ?? undefined,
      tags: args.tags ?? undefined,
      owner: args.owner === undefined ? undefined : toOwnerIds(args.owner),
      filter: args.filter ? toFilter(args.filter, 'filter') : undefined,
    },
  }),
  write: (db, request, { now }) => updateSegment(db, request, now()),
});

addMutation('deleteSegment', {
  type: defineDeletePayload('Segment'),
  description:
    'Deletes a segment. The log records that its members left. Refused while other segments or stages use it.',
  errors: [InvalidInput, NotFound, InUse],
  args: segmentArgs,
  parse: async ({ segment }, ctx) => ({ id: (await requireSegment(ctx, segment)).id }),
  write: (db, { id }, { now }) => deleteSegment(db, id, now()),
});
