import type { Member as MemberRow, Team as TeamRow } from '../../prisma/generated/client.ts';
import { mostTeams, type TeamKind, type Teams, teamKinds } from '../../src/members/create-teams.ts';
import { InUse, InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { formatGlobalId, parseUuid } from '../kernel/global-id.ts';
import { addUuidNode } from '../kernel/node.ts';
import { createBatch, leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import { Member, requireMemberId } from './member.ts';

declare module '../kernel/context.ts' {
  interface Services {
    teams: Teams;
  }
}

const TeamKindType = builder.enumType('TeamKind', {
  description: 'What a team does for the customers.',
  values: teamKinds,
});

export const Team = builder.prismaNode('Team', {
  description: 'Members who work together. Teams own stages and hand customers over to each other.',
  id: { resolve: ({ id }) => id },
  findUnique: (id, { workspaceId }) => ({ workspaceId_id: { workspaceId, id } }),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique in the workspace, in any case.' }),
    // Nothing else is written into the column.
    kind: t.field({ type: TeamKindType, resolve: ({ kind }) => kind as TeamKind }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    members: t.field({
      type: [Member],
      description: 'By name.',
      resolve: async ({ id }, _args, ctx) => (await loadMembers(ctx, id, undefined)) ?? [],
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
    description: 'By name. A stage that the member owns counts as one of the first of them.',
    resolve: async ({ id }, _args, ctx) => (await loadTeams(ctx, id, undefined)) ?? [],
  }),
);

const loadTeam = createBatch<TeamRow>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.team.findMany({ where: { workspaceId, id: { in: [...ids] } } });
  return new Map(rows.map((row) => [row.id, row]));
});

const findTeam = (ctx: RequestContext, id: string) => loadTeam(ctx, id, undefined);

addUuidNode('Team', findTeam);

/** For a column that may name a team. */
export const teamOf = async (ctx: RequestContext, id: string | null): Promise<TeamRow | null> =>
  id === null ? null : ((await findTeam(ctx, id)) ?? null);

/** @throws NotFound for a text that cannot be the id of a team */
export function requireTeamId(text: string): string {
  const id = parseUuid('Team', text);
  if (id === undefined) throw new NotFound('team');
  return id;
}

builder.queryField('teams', (t) =>
  t.field({
    type: [Team],
    description: `The teams of the workspace, by name; there are at most ${mostTeams}.`,
    resolve: (_root, _args, { tx, workspaceId }) =>
      tx.team.findMany({ where: { workspaceId }, orderBy: [{ name: 'asc' }, { id: 'asc' }] }),
  }),
);

const TeamPayload = builder.objectRef<{ id: string }>('TeamPayload').implement({
  authScopes: coveredByMutation,
  description: 'The team as it is now.',
  fields: (t) => ({
    team: t.field({
      type: Team,
      resolve: async ({ id }, _args, ctx) => {
        const found = await findTeam(ctx, id);
        // Somebody else may have deleted it between the write and this reading.
        if (!found) throw new NotFound('team');
        return found;
      },
    }),
  }),
});

const DeleteTeamPayload = builder.objectRef<{ id: string }>('DeleteTeamPayload').implement({
  authScopes: coveredByMutation,
  description: 'The team that was deleted.',
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => formatGlobalId('Team', id) }),
  }),
});

builder.mutationFields((t) => ({
  createTeam: t.field({
    type: TeamPayload,
    description: 'Makes a team.',
    authScopes: { write: true },
    errors: { types: [NotFound, InvalidInput] },
    args: {
      name: t.arg.string({ required: true }),
      kind: t.arg({ type: TeamKindType, required: true }),
      members: t.arg.idList({ defaultValue: [], description: 'The ids of its members.' }),
    },
    resolve: async (_root, { name, kind, members }, ctx) => {
      const memberIds = (members ?? []).map(requireMemberId);
      await leaveSnapshot(ctx);
      return ctx.services.teams.create(ctx.workspaceId, { name, kind, memberIds }, ctx.now());
    },
  }),
  updateTeam: t.field({
    type: TeamPayload,
    description: 'Changes a team; what is left out stays as it was.',
    authScopes: { write: true },
    errors: { types: [NotFound, InvalidInput] },
    args: {
      team: t.arg.id({ required: true }),
      name: t.arg.string(),
      kind: t.arg({ type: TeamKindType }),
      members: t.arg.idList({ description: 'All its members from now on, by their ids.' }),
    },
    resolve: async (_root, { team, name, kind, members }, ctx) => {
      const id = requireTeamId(team);
      const change = {
        ...(name != null && { name }),
        ...(kind != null && { kind }),
        ...(members != null && { memberIds: members.map(requireMemberId) }),
      };
      await leaveSnapshot(ctx);
      await ctx.services.teams.update(ctx.workspaceId, id, change);
      return { id };
    },
  }),
  deleteTeam: t.field({
    type: DeleteTeamPayload,
    description:
      'Deletes a team, refused while it owns something or has open tasks. Its members stay; closed tasks name it no more.',
    authScopes: { write: true },
    errors: { types: [NotFound, InUse] },
    args: { team: t.arg.id({ required: true }) },
    resolve: async (_root, { team }, ctx) => {
      const id = requireTeamId(team);
      await leaveSnapshot(ctx);
      await ctx.services.teams.delete(ctx.workspaceId, id);
      return { id };
    },
  }),
}));
