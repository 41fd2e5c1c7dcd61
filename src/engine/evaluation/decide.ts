import { type Answer, standsUntil } from '../conditions/clause.ts';
import { type AnsweredRow, answerAt, type Tree } from '../conditions/tree.ts';
import type { RuleSet, StageRules } from './rules.ts';
import type { Held, Standing } from './standing.ts';

/** Where a customer belongs, and until when that stands if nothing happens (ms; infinite for ever). */
export interface Decision {
  stage: StageRules | undefined;
  until: number;
}

/**
 * The last stage whose entry holds or, for the stage a customer is in, whose stay does. It can change
 * only when that stage's answer does, or that of one after it.
 */
export function decide(
  { stages }: Pick<RuleSet, 'stages'>,
  held: Held | undefined,
  answer: (tree: Tree) => Answer,
): Decision {
  let until = Number.POSITIVE_INFINITY;
  for (const stage of stages.toReversed()) {
    const stays = stage.stay && stage.key === held?.stageKey ? answer(stage.stay) : -Infinity;
    const said = Math.max(answer(stage.entry), stays);
    until = Math.min(until, Math.abs(said));
    if (said > 0) return { stage, until: standsUntil(until) };
  }
  return { stage: undefined, until: standsUntil(until) };
}

/** A customer's move under one set of rules; `to` is undefined for who leaves a segment or is flagged no more. */
export interface Move {
  set: RuleSet;
  from: Held | undefined;
  to: StageRules | undefined;
}

/** What was found of a customer under one set of rules, and until when that stands. */
interface Finding {
  row: AnsweredRow;
  until: number;
  /** How many moves between stages or bands there had been. */
  stageMoves: number;
}

/** What was found last under each set of rules: asked again only where it may have changed. */
export interface Findings {
  bySet: Map<RuleSet, Finding>;
  stageMoves: number;
}

/**
 * Asks the rules about a customer at an instant (ms) and moves it in `standing`; answers the moves and
 * when the rules have to be asked again. Asking twice moves nothing the second time.
 */
export function evaluateAt(
  rules: { sets: readonly RuleSet[]; timeZone: string },
  findings: Findings,
  { standing, row, at }: Omit<Asked, 'timeZone'>,
): { moves: Move[]; due: number } {
  const moves: Move[] = [];
  let due = Number.POSITIVE_INFINITY;
  for (const set of rules.sets) {
    let found = findings.bySet.get(set);
    if (!found || !stillStands(found, set, { row, at, findings })) {
      const asked = askSet(set, { standing, row, at, timeZone: rules.timeZone });
      moves.push(...asked.moves);
      if (set.kind !== 'SEGMENT') findings.stageMoves += asked.moves.length;
      found = { row, until: asked.until, stageMoves: findings.stageMoves };
      findings.bySet.set(set, found);
    }
    due = Math.min(due, found.until);
  }
  return { moves, due };
}

const stillStands = (
  found: Finding,
  { asksPlaces }: RuleSet,
  { row, at, findings }: { row: AnsweredRow; at: number; findings: Findings },
) =>
  found.row === row &&
  at < found.until &&
  (!asksPlaces || found.stageMoves === findings.stageMoves);

interface Asked {
  standing: Standing;
  row: AnsweredRow;
  at: number;
  timeZone: string;
}

/** A move may itself make a rule hold ("has ever been in"): asked again until nothing moves. */
function askSet(set: RuleSet, { standing, row, at, timeZone }: Asked) {
  const moves: Move[] = [];
  for (;;) {
    const held = standing.get(set.id);
    if (held?.pinnedUntil !== undefined && at < held.pinnedUntil) {
      return { moves, until: held.pinnedUntil };
    }
    // What is on its way sees its own places, not those of the definition it is to replace.
    const placementIn = (lifecycleId: string) =>
      set.subjectId === lifecycleId ? held : standing.get(lifecycleId);
    const moment = { at, timeZone, placementIn };
    const { stage, until } = decide(set, held, (tree) => answerAt(tree, row, moment));
    const move = moveTo(set, held, stage);
    if (!move || moves.length > set.stages.length) return { moves, until };
    moves.push(move);
    apply(standing, move, at);
  }
}

function moveTo(set: RuleSet, from: Held | undefined, to: StageRules | undefined) {
  if (to?.key === from?.stageKey) return undefined;
  // A lifecycle without a rule for everybody leaves a customer where it is.
  return to || set.kind !== 'LIFECYCLE' ? { set, from, to } : undefined;
}

function apply(standing: Standing, { set, from, to }: Move, at: number) {
  if (!to) {
    standing.delete(set.id);
    return;
  }
  const leftAt = from ? { ...from.leftAt, [from.stageKey]: at } : {};
  standing.set(set.id, { stageKey: to.key, since: at, leftAt, pinnedUntil: undefined });
}
