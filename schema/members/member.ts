import { createMember, maxMembers, updateMember } from '../../src/members/change-members.ts';
import { deleteStaff } from '../../src/members/delete-staff.ts';
import { InUse, InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import { requireUuid } from '../kernel/global-id.ts';
import {
  addMutation,
  defineDeletePayload,
  definePayload,
  requireWritten,
  withoutNulls,
} from '../kernel/mutation.ts';
import { addUuidNode, keyedById } from '../kernel/node.ts';
import { createRowBatch } from '../kernel/per-operation.ts';

export const Member = builder.prismaNode('Member', {
  description: 'A user of the workspace who owns stages and segments and accepts tasks.',
  ...keyedById,
  fields: (t) => ({
    name: t.exposeString('name'),
    email: t.exposeString('email', { description: 'Lower case, unique in the workspace.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

export const findMember = createRowBatch((tx, where) => tx.member.findMany({ where }));

addUuidNode('Member', findMember);

builder.queryField('members', (t) =>
  t.field({
    type: [Member],
    description: `The members of the workspace, sorted by name, at most ${maxMembers}.`,
    resolve: (_root, _args, { tx, workspaceId }) =>
      tx.member.findMany({ where: { workspaceId }, orderBy: [{ name: 'asc' }, { id: 'asc' }] }),
  }),
);

const MemberPayload = definePayload<{ id: string }>(
  'MemberPayload',
  'The member in its present state.',
  (t) => ({
    member: t.field({
      type: Member,
      resolve: ({ id }, _args, ctx) => requireWritten('member', findMember(ctx, id)),
    }),
  }),
);

const emailArg = 'Must be unique in the workspace.';

addMutation('createMember', {
  type: MemberPayload,
  description: 'Adds a member. API keys are created separately with `createApiKey`.',
  errors: [InvalidInput],
  args: (arg) => ({
    name: arg.string({ required: true }),
    email: arg.string({ required: true, description: emailArg }),
  }),
  parse: (args) => args,
  write: (db, request, { now }) => createMember(db, request, now()),
});

addMutation('updateMember', {
  type: MemberPayload,
  description: 'Changes a member. Omitted arguments keep their value.',
  errors: [NotFound, InvalidInput],
  args: (arg) => ({
    member: arg.id({ required: true }),
    name: arg.string(),
    email: arg.string({ description: emailArg }),
  }),
  parse: ({ member, ...change }) => ({
    id: requireUuid('Member', member),
    change: withoutNulls(change),
  }),
  write: updateMember,
});

addMutation('deleteMember', {
  type: defineDeletePayload('Member'),
  description:
    'Deletes a member. Refused while the member owns something or has open tasks. Closed tasks are kept without the member.',
  errors: [NotFound, InUse],
  args: (arg) => ({ member: arg.id({ required: true }) }),
  parse: ({ member }) => ({ id: requireUuid('Member', member) }),
  write: (db, { id }) => deleteStaff(db, 'member', id),
});
