import { InvalidFilter } from '../../src/engine/conditions/invalid-filter.ts';
import { InUse, InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { CustomerFilter, toFilter } from '../filter/filter.ts';
import { builder } from '../kernel/builder.ts';
import { formatGlobalId } from '../kernel/global-id.ts';
import { leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import { OwnerInput, toOwnerIds } from '../members/owner.ts';
import { findSegment, requireSegment, Segment, segmentArg } from './segment.ts';

const SegmentPayload = builder.objectRef<{ segmentId: string }>('SegmentPayload').implement({
  authScopes: coveredByMutation,
  description: 'The segment as it is now. While `build` is running, its former filter answers.',
  fields: (t) => ({
    segment: t.field({
      type: Segment,
      resolve: async ({ segmentId }, _args, ctx) => {
        const found = await findSegment(ctx, segmentId);
        // Somebody else may have deleted it between the write and this reading.
        if (!found) throw new NotFound('segment');
        return found;
      },
    }),
  }),
});

const DeleteSegmentPayload = builder
  .objectRef<{ segmentId: string }>('DeleteSegmentPayload')
  .implement({
    authScopes: coveredByMutation,
    description: 'The segment that was deleted.',
    fields: (t) => ({
      id: t.id({ resolve: ({ segmentId }) => formatGlobalId('Segment', segmentId) }),
    }),
  });

builder.mutationFields((t) => ({
  createSegment: t.field({
    type: SegmentPayload,
    description:
      'Makes a segment of a filter, or, without one, a list kept by hand. Who meets the filter is found out in the background: `Segment.build` tells how far that has got, and then all members are in it at once. From then on membership follows every event, and time.',
    authScopes: { write: true },
    errors: { types: [InvalidInput, InvalidFilter, NotFound] },
    args: {
      key: t.arg.string({
        description:
          'Unique in the workspace and never changed: a letter, then letters, digits and underscores; kept in capitals. Made of the name when absent.',
      }),
      name: t.arg.string({ required: true }),
      description: t.arg.string(),
      tags: t.arg.stringList({ description: 'What to file it under.' }),
      owner: t.arg({ type: OwnerInput, description: 'Who answers for it.' }),
      filter: t.arg({ type: CustomerFilter, description: 'Absent for a list kept by hand.' }),
    },
    resolve: async (_root, args, ctx) => {
      const request = {
        key: args.key ?? undefined,
        name: args.name,
        description: args.description ?? '',
        tags: args.tags ?? [],
        owner: toOwnerIds(args.owner ?? null),
        filter: args.filter ? toFilter(args.filter, 'filter') : null,
      };
      await leaveSnapshot(ctx);
      return ctx.services.segments.create(ctx.workspaceId, request, ctx.now());
    },
  }),
  updateSegment: t.field({
    type: SegmentPayload,
    description:
      'Changes a segment; what is left out stays as it was. A new filter is a new version: it is built in the background while the old one answers, and whoever is a member by both stays one since the same instant. A list kept by hand takes no filter.',
    authScopes: { write: true },
    errors: { types: [InvalidInput, InvalidFilter, NotFound] },
    args: {
      segment: t.arg.string({ required: true, description: segmentArg }),
      name: t.arg.string(),
      description: t.arg.string(),
      tags: t.arg.stringList({ description: 'All of them.' }),
      owner: t.arg({ type: OwnerInput, description: 'Null for none.' }),
      filter: t.arg({ type: CustomerFilter }),
    },
    resolve: async (_root, args, ctx) => {
      const { id } = await requireSegment(ctx, args.segment);
      const update = {
        name: args.name ?? undefined,
        description: args.description ?? undefined,
        tags: args.tags ?? undefined,
        owner: args.owner === undefined ? undefined : toOwnerIds(args.owner),
        filter: args.filter ? toFilter(args.filter, 'filter') : undefined,
      };
      await leaveSnapshot(ctx);
      await ctx.services.segments.update(ctx.workspaceId, id, update, ctx.now());
      return { segmentId: id };
    },
  }),
  deleteSegment: t.field({
    type: DeleteSegmentPayload,
    description:
      'Deletes a segment; the log tells that its members left it. Refused while other segments or stages ask for it.',
    authScopes: { write: true },
    errors: { types: [InvalidInput, NotFound, InUse] },
    args: { segment: t.arg.string({ required: true, description: segmentArg }) },
    resolve: async (_root, args, ctx) => {
      const { id } = await requireSegment(ctx, args.segment);
      await leaveSnapshot(ctx);
      await ctx.services.segments.delete(ctx.workspaceId, id, ctx.now());
      return { segmentId: id };
    },
  }),
}));
