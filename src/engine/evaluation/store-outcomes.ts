import type { Transaction } from '../../platform/database.ts';
import { differencesOf } from './differences.ts';
import type { Difference, EvaluationOutcome } from './outcome.ts';
import type { RuleSets } from './rules.ts';
import { storeBuildPlacements } from './store-build-placements.ts';

/** Stores changed placements: each kind stores its own, the engine those in running builds. */
export function storeOutcomes(
  db: Transaction,
  outcomes: readonly EvaluationOutcome[],
  { groups }: Pick<RuleSets, 'groups'>,
): void {
  const all = differencesOf(outcomes);
  for (const [kind, group] of groups) {
    const isOwn = ({ set }: Difference) => set.kind === kind && set.buildId === null;
    group.store(db, { differences: all.filter(isOwn), outcomes });
  }
  const building = all.filter(({ set }) => set.buildId !== null);
  storeBuildPlacements(db, building);
}
