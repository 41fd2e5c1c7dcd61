import type { Member as MemberRow, Team as TeamRow } from '../../prisma/generated/client.ts';
import {
  createTeam,
  maxTeams,
  type TeamKind,
  teamKinds,
  updateTeam,
} from '../../src/members/change-teams.ts';
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
import { createBatch, createRowBatch } from '../kernel/per-operation.ts';
import { Member } from './member.ts';

const TeamKindType = builder.enumType('TeamKind', {
  description: 'The function of a team.',
  values: teamKinds,
});

export const Team = builder.prismaNode('Team', {
  description: 'A group of members. Teams own stages and hand customers over to each other.',
  ...keyedById,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique in the workspace, case-insensitive.' }),
    // The column holds these values only.
    kind: t.field({ type: TeamKindType, resolve: ({ kind }) => kind as TeamKind }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    members: t.field({
      type: [Member],
      description: 'The members, sorted by name.',
      resolve: async ({ id }, _args, ctx) => (await loadMembers(ctx, id)) ?? [],
    }),
  }),
});

const loadMembers = createBatch<MemberRow[]>(async ({ tx, workspaceId }, teamIds) => {
  const rows = await tx.teamMember.findMany({
    where: { workspaceId, teamId: { in: [...teamIds] } },
    include: { member: true },
    orderBy: [{ member: { name: 'asc' } }, { memberId: 'asc' }],
  });
  const byTeam = Map.groupBy(rows, ({ teamId }) => teamId);
  return new Map([...byTeam].map(([id, those]) => [id, those.map(({ member }) => member)]));
});

const loadTeams = createBatch<TeamRow[]>(async ({ tx, workspaceId }, memberIds) => {
  const rows = await tx.teamMember.findMany({
    where: { workspaceId, memberId: { in: [...memberIds] } },
    include: { team: true },
    orderBy: [{ team: { name: 'asc' } }, { teamId: 'asc' }],
  });
  const byMember = Map.groupBy(rows, ({ memberId }) => memberId);
  return new Map([...byMember].map(([id, those]) => [id, those.map(({ team }) => team)]));
});

builder.prismaObjectField('Member', 'teams', (t) =>
  t.field({
    type: [Team],
    description:
      'The teams of the member, sorted by name. A stage that the member owns is assigned to the first team.',
    resolve: async ({ id }, _args, ctx) => (await loadTeams(ctx, id)) ?? [],
  }),
);

export const findTeam = createRowBatch((tx, where) => tx.team.findMany({ where }));

addUuidNode('Team', findTeam);

builder.queryField('teams', (t) =>
  t.field({
    type: [Team],
    description: `The teams of the workspace, sorted by name, at most ${maxTeams}.`,
    resolve: (_root, _args, { tx, workspaceId }) =>
      tx.team.findMany({ where: { workspaceId }, orderBy: [{ name: 'asc' }, { id: 'asc' }] }),
  }),
);

const TeamPayload = definePayload<{ id: string }>(
  'TeamPayload',
  'The team in its present state.',
  (t) => ({
    team: t.field({
      type: Team,
      resolve: ({ id }, _args, ctx) => requireWritten('team', findTeam(ctx, id)),
    }),
  }),
);

const toMemberIds = (members: readonly string[]) =>
  members.map((member) => requireUuid('Member', member));

addMutation('createTeam', {
  type: TeamPayload,
  description: 'Creates a team.',
  errors: [NotFound, InvalidInput],
  args: (arg) => ({
    name: arg.string({ required: true }),
    kind: arg({ type: TeamKindType, required: true }),
    members: arg.idList({ defaultValue: [], description: 'The ids of the members.' }),
  }),
  parse: ({ name, kind, members }) => ({ name, kind, memberIds: toMemberIds(members ?? []) }),
  write: (db, request, { now }) => createTeam(db, request, now()),
});

addMutation('updateTeam', {
  type: TeamPayload,
  description: 'Changes a team. Omitted arguments keep their value.',
  errors: [NotFound, InvalidInput],
  args: (arg) => ({
    team: arg.id({ required: true }),
    name: arg.string(),
    kind: arg({ type: TeamKindType }),
    members: arg.idList({ description: 'The ids of all members. Replaces the present list.' }),
  }),
  parse: ({ team, name, kind, members }) => ({
    id: requireUuid('Team', team),
    change: withoutNulls({ name, kind, memberIds: members && toMemberIds(members) }),
  }),
  write: updateTeam,
});

addMutation('deleteTeam', {
  type: defineDeletePayload('Team'),
  description:
    'Deletes a team. Refused while the team owns something or has open tasks. Its members are kept, and so are closed tasks, without the team.',
  errors: [NotFound, InUse],
  args: (arg) => ({ team: arg.id({ required: true }) }),
  parse: ({ team }) => ({ id: requireUuid('Team', team) }),
  write: (db, { id }) => deleteStaff(db, 'team', id),
});
