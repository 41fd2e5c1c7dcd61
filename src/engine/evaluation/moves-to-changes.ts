import type { NewChange } from '../changes/kinds.ts';
import type { DatedMove } from './outcome.ts';
import type { RuleSets } from './rules.ts';

/** Converts moves to changes. Moves under a definition in a running build are not logged. */
export const movesToChanges = (
  customerId: string,
  moves: readonly DatedMove[],
  { groups, sets }: Pick<RuleSets, 'groups' | 'sets'>,
): NewChange[] =>
  moves.flatMap((move) =>
    move.set.buildId === null
      ? (groups.get(move.set.kind)?.toChange(customerId, move, sets) ?? [])
      : [],
  );
