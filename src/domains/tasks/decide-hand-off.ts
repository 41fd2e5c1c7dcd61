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

/** A customer has come to those who answer for another stage: they have something to do. */
export interface HandOff {
  move: StageMove;
  fromTeamId: string | null;
  teamId: string | null;
  assigneeId: string | null;
  title: string;
  dueAt: Date | null;
}

export interface Circumstances {
  owners: StageOwners;
  timeZone: string;
  now: Date;
}

/** What is told more than a day late is history: whoever was to act on it has done so, or not. */
const isHistory = ({ at }: StageMove, now: Date) => at.getTime() < now.getTime() - msPerDay;

const partyOf = (owner: StageOwner | undefined) => owner?.team?.id ?? owner?.memberId ?? null;

/**
 * Undefined unless the customer comes to somebody else: into a stage whose owner's team is another than
 * that of the stage it left, where nobody counts as another. Nothing is handed over by a change of the
 * rules, nor by history that is taken in.
 */
export function decideHandOff(
  move: StageMove,
  { owners, timeZone, now }: Circumstances,
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
