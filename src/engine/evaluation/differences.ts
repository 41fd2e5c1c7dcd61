import type { Difference, EvaluationOutcome, Placement } from './outcome.ts';

/** The placements that evaluation changed. */
export const differencesOf = (outcomes: readonly EvaluationOutcome[]): Difference[] =>
  outcomes.flatMap(({ customerId, moves, before, placements }) => {
    const moved = new Map(moves.map(({ set }) => [set.id, set]));
    return [...moved].flatMap(([id, set]): Difference[] => {
      const placement = placements.get(id);
      const isUnchanged = placement === undefined && before.get(id) === undefined;
      return isUnchanged ? [] : [{ customerId, set, placement }];
    });
  });

export type PlacedDifference = Difference & { placement: Placement };

/** Separates placements to write from those to remove. */
export function splitDifferences(differences: readonly Difference[]): {
  placed: PlacedDifference[];
  removed: Difference[];
} {
  const isPlaced = (one: Difference): one is PlacedDifference => one.placement !== undefined;
  return {
    placed: differences.filter(isPlaced),
    removed: differences.filter((one) => !isPlaced(one)),
  };
}
