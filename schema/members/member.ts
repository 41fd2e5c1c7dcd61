import type { Member as MemberRow } from '../../prisma/generated/client.ts';
import { type Members, mostMembers } from '../../src/members/create-members.ts';
import { InUse, InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { formatGlobalId, parseUuid } from '../kernel/global-id.ts';
import { addUuidNode } from '../kernel/node.ts';
import { createBatch, leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';

declare module '../kernel/context.ts' {
  interface Services {
    members: Members;
  }
}

export const Member = builder.prismaNode('Member', {
  description: 'A person who works with the customers: owns stages, segments, accepts tasks.',
  id: { resolve: ({ id }) => id },
  findUnique: (id, { workspaceId }) => ({ workspaceId_id: { workspaceId, id } }),
  fields: (t) => ({
    name: t.exposeString('name'),
    email: t.exposeString('email', { description: 'In lower case, unique in the workspace.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const loadMember = createBatch<MemberRow>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.member.findMany({ where: { workspaceId, id: { in: [...ids] } } });
  return new Map(rows.map((row) => [row.id, row]));
});

const findMember = (ctx: RequestContext, id: string) => loadMember(ctx, id, undefined);

addUuidNode('Member', findMember);

/** For a column that may name a member. */
export const memberOf = async (
  ctx: RequestContext,
  id: string | null,
): Promise<MemberRow | null> => (id === null ? null : ((await findMember(ctx, id)) ?? null));

/** @throws NotFound for a text that cannot be the id of a member */
export function requireMemberId(text: string): string {
  const id = parseUuid('Member', text);
  if (id === undefined) throw new NotFound('member');
  return id;
}

builder.queryField('members', (t) =>
  t.field({
    type: [Member],
    description: `The members of the workspace, by name; there are at most ${mostMembers}.`,
    resolve: (_root, _args, { tx, workspaceId }) =>
      tx.member.findMany({ where: { workspaceId }, orderBy: [{ name: 'asc' }, { id: 'asc' }] }),
  }),
);

const MemberPayload = builder.objectRef<{ id: string }>('MemberPayload').implement({
  authScopes: coveredByMutation,
  description: 'The member as it is now.',
  fields: (t) => ({
    member: t.field({
      type: Member,
      resolve: async ({ id }, _args, ctx) => {
        const found = await findMember(ctx, id);
        // Somebody else may have deleted it between the write and this reading.
        if (!found) throw new NotFound('member');
        return found;
      },
    }),
  }),
});

const DeleteMemberPayload = builder.objectRef<{ id: string }>('DeleteMemberPayload').implement({
  authScopes: coveredByMutation,
  description: 'The member that was deleted.',
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => formatGlobalId('Member', id) }),
  }),
});

builder.mutationFields((t) => ({
  createMember: t.field({
    type: MemberPayload,
    description: 'Adds a member. It gets no key by this: keys are made with `createApiKey`.',
    authScopes: { write: true },
    errors: { types: [InvalidInput] },
    args: {
      name: t.arg.string({ required: true }),
      email: t.arg.string({ required: true, description: 'No other member may have it.' }),
    },
    resolve: async (_root, { name, email }, ctx) => {
      await leaveSnapshot(ctx);
      return ctx.services.members.create(ctx.workspaceId, { name, email }, ctx.now());
    },
  }),
  updateMember: t.field({
    type: MemberPayload,
    description: 'Changes a member; what is left out stays as it was.',
    authScopes: { write: true },
    errors: { types: [NotFound, InvalidInput] },
    args: {
      member: t.arg.id({ required: true }),
      name: t.arg.string(),
      email: t.arg.string({ description: 'No other member may have it.' }),
    },
    resolve: async (_root, { member, name, email }, ctx) => {
      const id = requireMemberId(member);
      const change = { ...(name != null && { name }), ...(email != null && { email }) };
      await leaveSnapshot(ctx);
      await ctx.services.members.update(ctx.workspaceId, id, change);
      return { id };
    },
  }),
  deleteMember: t.field({
    type: DeleteMemberPayload,
    description:
      'Deletes a member, refused while it owns something or has open tasks. Closed tasks stay and name it no more.',
    authScopes: { write: true },
    errors: { types: [NotFound, InUse] },
    args: { member: t.arg.id({ required: true }) },
    resolve: async (_root, { member }, ctx) => {
      const id = requireMemberId(member);
      await leaveSnapshot(ctx);
      await ctx.services.members.delete(ctx.workspaceId, id);
      return { id };
    },
  }),
}));
