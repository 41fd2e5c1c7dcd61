import type { Owner as OwnerIds } from '../../src/members/owner.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { requireUuid } from '../kernel/global-id.ts';
import { findMember, Member } from './member.ts';
import { findTeam, Team } from './team.ts';

export const OwnerType = builder.unionType('Owner', {
  description: 'The owner of a stage, a lifecycle, a segment or a task: one member or a team.',
  types: [Member, Team],
  resolveType: (owner) => ('email' in owner ? 'Member' : 'Team'),
});

export const OwnerInput = builder.inputType('OwnerInput', {
  description: 'Either a member or a team, by its id.',
  isOneOf: true,
  fields: (t) => ({ member: t.id(), team: t.id() }),
});

/** The ids of the owner. Their existence is checked on writing. @throws NotFound */
export function toOwnerIds(input: typeof OwnerInput.$inferInput | null | undefined): OwnerIds {
  return {
    memberId: input?.member == null ? null : requireUuid('Member', input.member),
    teamId: input?.team == null ? null : requireUuid('Team', input.team),
  };
}

interface OwnerColumns {
  ownerMemberId: string | null;
  ownerTeamId: string | null;
}

/** The owner that a row refers to. */
export const ownerOf = async (ctx: RequestContext, { ownerMemberId, ownerTeamId }: OwnerColumns) =>
  (await findMember(ctx, ownerMemberId)) ?? findTeam(ctx, ownerTeamId);
