import type { ActiveRiskModel } from '../../domains/churn/filter/active-model.ts';
import { riskChange } from '../../domains/churn/rules/risk-changes.ts';
import type { NewChange } from '../changes/kinds.ts';
import type { DatedMove } from './walk.ts';

/** Moves as the log keeps them; under a definition that is on its way nobody has moved yet. */
export const movesToChanges = (
  customerId: string,
  moves: readonly DatedMove[],
  riskModel: ActiveRiskModel | null,
): NewChange[] =>
  moves.flatMap((move): NewChange[] => {
    const { set, from, to, cause, eventId, late, at } = move;
    if (set.buildId !== null) return [];
    if (set.kind === 'RISK') return riskModel ? [riskChange(customerId, move, riskModel)] : [];
    const why = { cause, event: eventId, late };
    const base = { customerId, at: new Date(at) };
    if (set.kind === 'SEGMENT') {
      const data = { segment: set.subjectId, version: set.version, ...why };
      return [{ kind: to ? 'SEGMENT_ENTERED' : 'SEGMENT_LEFT', ...base, data }];
    }
    if (!to) return [];
    const data = {
      lifecycle: set.subjectId,
      version: set.version,
      from: from?.stageKey ?? null,
      to: to.key,
      rule: to.filter,
      ...why,
    };
    return [{ kind: 'STAGE_CHANGED', ...base, data }];
  });
