import type { MoveCause } from '../changes/kinds.ts';
import { standsUntil } from '../conditions/clause.ts';
import type { AnsweredRow } from '../conditions/tree.ts';
import { evaluateAt, type Move } from './decide.ts';
import type { Rules } from './rules.ts';
import type { Standing } from './standing.ts';

export type Cause = MoveCause;

/** A reason to evaluate a customer at an instant. */
export interface Step {
  /** In ms since 1970; never before the step in front of it. */
  at: number;
  late: boolean;
  cause: Cause;
  /** The evidence. */
  eventId: string | null;
}

/** A customer's way from where it was evaluated last through some steps, and on to a horizon. */
export interface Story {
  customerId: string;
  standing: Standing;
  /** When its rules have to be asked again, as of before the first step; infinite for never. */
  due: number;
  steps: readonly Step[];
  /** What falls due up to here is evaluated too, after the last step. */
  horizon: number;
}

/** A customer as it was after so many steps, at an instant: what SQL is asked about. */
export interface Moment {
  /** 0 before the first step. */
  steps: number;
  at: number;
}

export const momentKey = ({ steps, at }: Moment) => `${steps}@${at}`;

/** A move with why and when it came about. */
export interface DatedMove extends Move, Step {
  /** How many steps had been taken, this one included. */
  steps: number;
}

export interface Walked {
  moves: DatedMove[];
  /** When the rules have to be asked again; infinite for never. */
  due: number;
  /** The last instant evaluated, if there was one. */
  reached: number | undefined;
}

/**
 * Leads a customer through its steps. Before each step whatever falls due up to then is evaluated at the
 * instant at which it falls due, by what was known before the step. Works on a copy of the standing,
 * which it answers; or answers the moments about which nothing is known yet.
 */
export function walk(
  story: Story,
  rules: Rules,
  known: ReadonlyMap<string, AnsweredRow>,
): (Walked & { standing: Standing }) | { unknown: Moment[] } {
  const standing: Standing = new Map(story.standing);
  const moves: DatedMove[] = [];
  let { due } = story;
  let reached: number | undefined;
  let last: { row: AnsweredRow; steps: number } | undefined;

  function evaluate(steps: number, step: Step): boolean {
    const row = known.get(momentKey({ steps, at: step.at }));
    if (!row) return false;
    const evaluated = evaluateAt(rules, standing, row, step.at);
    for (const move of evaluated.moves) moves.push({ ...move, ...step, steps });
    // Time goes on even where a rule asks for the present instant again.
    due = evaluated.due > step.at ? evaluated.due : step.at + 1;
    reached = step.at;
    last = { row, steps };
    return true;
  }

  for (let steps = 0; steps <= story.steps.length; steps += 1) {
    const next = story.steps[steps];
    const end = next ? next.at : story.horizon;
    while (due <= end) {
      const step: Step = { at: due, late: false, cause: 'TIME', eventId: null };
      if (!evaluate(steps, step)) return { unknown: momentsUpTo(end, { steps, at: due }, last) };
    }
    if (next && !evaluate(steps + 1, next)) {
      return { unknown: [{ steps: steps + 1, at: next.at }] };
    }
  }
  return { moves, due, reached, standing };
}

/** The moment asked for and, so that they are asked together, all at which some answer may change next. */
function momentsUpTo(
  end: number,
  asked: Moment,
  last: { row: AnsweredRow; steps: number } | undefined,
): Moment[] {
  const instants = new Set([asked.at]);
  if (last?.steps === asked.steps) {
    for (const answer of last.row.timed) {
      const at = Math.round(standsUntil(answer));
      if (at > asked.at && at <= end) instants.add(at);
    }
  }
  return [...instants].map((at) => ({ steps: asked.steps, at }));
}
