import type { MoveCause } from '../../engine/changes/kinds.ts';
import { addDuration } from '../../platform/time/add-duration.ts';
import { msPerDay } from '../../platform/time/ms-per-day.ts';
import { type StageOwner, type StageOwners, stageOwnerKey } from './stage-owners.ts';

/** A customer's move between stages of one lifecycle. */
export interface StageMove {
  customerId: string;
  lifecycleId: string;
  from: string | null;
  to: string;
  at: Date;
  cause: MoveCause;
}

/** A customer has come to a stage with another owner, who gets a task. */
export interface HandOff {
  move: StageMove;
  fromTeamId: string | null;
  teamId: string | null;
  assigneeId: string | null;
  title: string;
  dueAt: Date | null;
}

export interface HandOffContext {
  owners: StageOwners;
  timeZone: string;
  now: Date;
}

/** Moves older than a day, which imports record, create no task: it is too late to act on them. */
const isHistory = ({ at }: StageMove, now: Date) => at.getTime() < now.getTime() - msPerDay;

const partyOf = (owner: StageOwner | undefined) => owner?.team?.id ?? owner?.memberId ?? null;

/**
 * Undefined unless the customer comes to another owner: into a stage whose owner's team is not that of the
 * stage it left; a stage without an owner counts as another. Changes of the rules and imported
 * history create no task.
 */
export function decideHandOff(
  move: StageMove,
  { owners, timeZone, now }: HandOffContext,
): HandOff | undefined {
  if (move.cause === 'DEFINITION' || isHistory(move, now)) return undefined;
  const { lifecycleId, from, to, at } = move;
  const owner = owners.get(stageOwnerKey(lifecycleId, to));
  const before = from === null ? undefined : owners.get(stageOwnerKey(lifecycleId, from));
  if (!owner || partyOf(owner) === partyOf(before)) return undefined;
  const { acceptWithin } = owner;
  return {
    move,
    fromTeamId: before?.team?.id ?? null,
    teamId: owner.team?.id ?? null,
    assigneeId: owner.memberId,
    title: titleOf(owner, before),
    dueAt: acceptWithin && new Date(addDuration(at.getTime(), acceptWithin, timeZone)),
  };
}

const titleOf = ({ stageName }: StageOwner, before: StageOwner | undefined) =>
  before?.team ? `Take over in ${stageName} from ${before.team.name}` : `Take over in ${stageName}`;
