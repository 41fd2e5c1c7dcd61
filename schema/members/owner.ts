import type { Owner as OwnerIds } from '../../src/members/owner.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { Member, memberOf, requireMemberId } from './member.ts';
import { requireTeamId, Team, teamOf } from './team.ts';

/** Who answers for a stage, a lifecycle or a segment. */
export const Owner = builder.unionType('Owner', {
  description: 'Who answers for something: one member, or a whole team.',
  types: [Member, Team],
  resolveType: (owner) => ('email' in owner ? 'Member' : 'Team'),
});

/** One of the two. */
export const OwnerInput = builder.inputType('OwnerInput', {
  description: 'One member, or a whole team.',
  isOneOf: true,
  fields: (t) => ({ member: t.id(), team: t.id() }),
});

/** Its ids; whether there is such a member or team is found out where it is written. @throws NotFound */
export function toOwnerIds(input: typeof OwnerInput.$inferInput | null): OwnerIds {
  return {
    memberId: input?.member == null ? null : requireMemberId(input.member),
    teamId: input?.team == null ? null : requireTeamId(input.team),
  };
}

interface OwnerColumns {
  ownerMemberId: string | null;
  ownerTeamId: string | null;
}

/** The owner that a row names; null for none. */
export const ownerOf = async (ctx: RequestContext, { ownerMemberId, ownerTeamId }: OwnerColumns) =>
  (await memberOf(ctx, ownerMemberId)) ?? teamOf(ctx, ownerTeamId);
