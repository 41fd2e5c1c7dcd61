import type { NewChange } from '../changes/kinds.ts';
import type { DatedMove } from './outcome.ts';
import type { RuleSets } from './rules.ts';

/** Moves as their kinds log them; nobody has moved yet under a definition in a running build. */
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
