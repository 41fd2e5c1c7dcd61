import type { MoveCause } from '../changes/kinds.ts';
import { validUntil } from '../conditions/clause.ts';
import type { AnsweredRow } from '../conditions/tree.ts';
import { createDecisionCache, evaluateAt } from './decide.ts';
import type { DatedMove, EvaluationStep, Placements, ReplayResult } from './outcome.ts';
import type { CompiledRules } from './rules.ts';

/** A customer to be evaluated from its last evaluation through some steps and then up to a horizon. */
export interface EvaluationInput {
  customerId: string;
  placements: Placements;
  /** When its rules must be evaluated again, without the steps; infinite for never. */
  due: number;
  /** Why it is due then, if not because of time. */
  dueCause?: MoveCause | undefined;
  steps: readonly EvaluationStep[];
  /** Due times up to this instant are evaluated too, after the last step. */
  horizon: number;
}

/** A customer after some of its steps, at an instant for which SQL answers the conditions. */
export interface ReplayPoint {
  /** The number of steps taken. */
  steps: number;
  at: number;
}

/**
 * The answers of SQL that are valid for a customer at a point, possibly loaded for an earlier instant after the same
 * steps; undefined if they must be loaded.
 */
export type KnownAnswers = (point: ReplayPoint) => AnsweredRow | undefined;

/**
 * Replays a customer's steps. Before each step it evaluates all due times up to then with the facts from before the
 * step. Yields the points for which answers are missing, and continues when they are loaded. Works on a copy of the
 * placements.
 */
export function* replay(
  input: EvaluationInput,
  rules: Pick<CompiledRules, 'sets' | 'timeZone'>,
  known: KnownAnswers,
): Generator<ReplayPoint[], ReplayResult, undefined> {
  const placements: Placements = new Map(input.placements);
  const moves: DatedMove[] = [];
  const cache = createDecisionCache();
  let { due } = input;
  let reached: number | undefined;
  let last: AnsweredRow | undefined;

  function evaluate(row: AnsweredRow, steps: number, step: EvaluationStep) {
    const evaluated = evaluateAt(rules, cache, { placements, row, at: step.at });
    if (evaluated.moves.length > 0) {
      const after = new Map(placements);
      for (const move of evaluated.moves) {
        moves.push({ ...move, ...step, steps, row, placements: after });
      }
    }
    // Time advances even if a rule is due again at the same instant.
    due = evaluated.due > step.at ? evaluated.due : step.at + 1;
    reached = step.at;
    last = row;
  }

  let hasLookedAhead = false;
  for (let steps = 0; steps <= input.steps.length; steps += 1) {
    const next = input.steps[steps];
    const end = next ? next.at : input.horizon;
    let row: AnsweredRow | undefined;
    while (due <= end) {
      const point = { steps, at: due };
      if (!known(point)) {
        const soon = pointsUpTo(end, point, row ?? answersAtStep(input, steps, known));
        yield hasLookedAhead ? soon : [...soon, ...pointsAhead(input, steps + 1, known)];
        hasLookedAhead = true;
      }
      row = requireAnswers(known(point));
      const cause = reached === undefined ? input.dueCause : undefined;
      evaluate(row, steps, { at: due, late: false, cause: cause ?? 'TIME', eventId: null });
    }
    if (!next) break;
    const point = { steps: steps + 1, at: next.at };
    if (!known(point)) yield [point];
    evaluate(requireAnswers(known(point)), steps + 1, next);
  }
  return { moves, placements, due, reached, row: last };
}

/** The answers for a customer at the instant of its last step. */
const answersAtStep = (input: EvaluationInput, steps: number, known: KnownAnswers) => {
  const step = input.steps[steps - 1];
  return step && known({ steps, at: step.at });
};

function requireAnswers(row: AnsweredRow | undefined): AnsweredRow {
  if (!row) throw new Error('The customer does not exist');
  return row;
}

/** The point and all later ones at which an answer expires, for the same statement. */
function pointsUpTo(end: number, point: ReplayPoint, row: AnsweredRow | undefined): ReplayPoint[] {
  const instants = new Set([point.at]);
  for (const answer of row?.expiring ?? []) {
    const at = validUntil(answer);
    if (at > point.at && at <= end) instants.add(at);
  }
  return [...instants].map((at) => ({ steps: point.steps, at }));
}

/** The same for all steps from one on, so that a customer with a hundred events needs few statements. */
function pointsAhead(input: EvaluationInput, from: number, known: KnownAnswers): ReplayPoint[] {
  return input.steps.slice(from - 1).flatMap((step, index) => {
    const steps = from + index;
    const end = input.steps[steps]?.at ?? input.horizon;
    const row = answersAtStep(input, steps, known);
    const [, ...later] = pointsUpTo(end, { steps, at: step.at }, row);
    return later;
  });
}
