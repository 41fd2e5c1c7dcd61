import type { MoveCause } from '../changes/kinds.ts';
import { standsUntil } from '../conditions/clause.ts';
import type { AnsweredRow } from '../conditions/tree.ts';
import { evaluateAt, type Findings, type Move } from './decide.ts';
import type { CompiledRules } from './rules.ts';
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
  /** Why it is due then, if not by time. */
  dueCause?: Cause | undefined;
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

/** A move with why and when it came about. */
export interface DatedMove extends Move, Step {
  /** How many steps had been taken, this one included. */
  steps: number;
  /** The activity by which risk was assessed. */
  activity: AnsweredRow['activity'];
  /** Of a move of risk: the customer's stage in each lifecycle at that instant. */
  stages: Record<string, string> | undefined;
}

export interface Walked {
  moves: DatedMove[];
  standing: Standing;
  /** When the rules have to be asked again; infinite for never. */
  due: number;
  /** The last instant evaluated, if there was one. */
  reached: number | undefined;
  /** The activity as of then. */
  activity: AnsweredRow['activity'];
}

/**
 * What is known of a customer at a moment: what was said at an earlier instant after the same steps, if
 * it is still good; nothing if SQL has to be asked.
 */
export type Knowledge = (moment: Moment) => AnsweredRow | undefined;

/**
 * Leads a customer through its steps. Before each step whatever falls due up to then is evaluated at the
 * instant at which it falls due, by what was known before the step. Where nothing is known about a moment
 * yet, it says which moments to ask about, and goes on once they are known. Works on a copy of the standing.
 */
export function* walk(
  story: Story,
  rules: Pick<CompiledRules, 'sets' | 'timeZone'>,
  known: Knowledge,
): Generator<Moment[], Walked, undefined> {
  const standing: Standing = new Map(story.standing);
  const moves: DatedMove[] = [];
  const findings: Findings = { bySet: new Map(), stageMoves: 0 };
  let { due } = story;
  let reached: number | undefined;
  let lastActivity: AnsweredRow['activity'];

  function evaluate(row: AnsweredRow, steps: number, step: Step) {
    const { activity } = row;
    const evaluated = evaluateAt(rules, findings, { standing, row, at: step.at });
    for (const move of evaluated.moves) {
      const stages = move.set.kind === 'RISK' ? stagesOf(rules, standing) : undefined;
      moves.push({ ...move, ...step, steps, activity, stages });
    }
    // Time goes on even where a rule asks for the present instant again.
    due = evaluated.due > step.at ? evaluated.due : step.at + 1;
    reached = step.at;
    lastActivity = activity;
  }

  let hasLookedAhead = false;
  for (let steps = 0; steps <= story.steps.length; steps += 1) {
    const next = story.steps[steps];
    const end = next ? next.at : story.horizon;
    let last: AnsweredRow | undefined;
    while (due <= end) {
      const moment = { steps, at: due };
      if (!known(moment)) {
        const soon = momentsUpTo(end, moment, last ?? latest(story, steps, known));
        yield hasLookedAhead ? soon : [...soon, ...momentsAhead(story, steps + 1, known)];
        hasLookedAhead = true;
      }
      last = demand(known(moment));
      const cause = reached === undefined ? story.dueCause : undefined;
      evaluate(last, steps, { at: due, late: false, cause: cause ?? 'TIME', eventId: null });
    }
    if (!next) break;
    const moment = { steps: steps + 1, at: next.at };
    if (!known(moment)) yield [moment];
    evaluate(demand(known(moment)), steps + 1, next);
  }
  return { moves, standing, due, reached, activity: lastActivity };
}

const stagesOf = ({ sets }: Pick<CompiledRules, 'sets'>, standing: Standing) =>
  Object.fromEntries(
    sets.flatMap(({ kind, buildId, id }) => {
      const held = kind === 'LIFECYCLE' && buildId === null ? standing.get(id) : undefined;
      return held ? [[id, held.stageKey]] : [];
    }),
  );

/** What was said of the customer at its last step. */
const latest = (story: Story, steps: number, known: Knowledge) => {
  const step = story.steps[steps - 1];
  return step && known({ steps, at: step.at });
};

function demand(row: AnsweredRow | undefined): AnsweredRow {
  if (!row) throw new Error('A customer was asked about that does not exist');
  return row;
}

/** The moment to ask about and, so that it is done together, all at which something has to be asked again. */
function momentsUpTo(end: number, asked: Moment, last: AnsweredRow | undefined): Moment[] {
  const instants = new Set([asked.at]);
  for (const answer of last?.asked ?? []) {
    const at = standsUntil(answer);
    if (at > asked.at && at <= end) instants.add(at);
  }
  return [...instants].map((at) => ({ steps: asked.steps, at }));
}

/** The same of all steps from one on: a customer with a hundred events is not asked about a hundred times. */
function momentsAhead(story: Story, from: number, known: Knowledge): Moment[] {
  return story.steps.slice(from - 1).flatMap((step, index) => {
    const steps = from + index;
    const end = story.steps[steps]?.at ?? story.horizon;
    const [, ...later] = momentsUpTo(end, { steps, at: step.at }, latest(story, steps, known));
    return later;
  });
}
