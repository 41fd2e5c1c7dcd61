import { type Answer, validUntil } from '../conditions/clause.ts';
import { type AnsweredRow, answerAt, type Tree } from '../conditions/tree.ts';
import type { Move, Placement, Placements } from './outcome.ts';
import type { RuleSet, StageRules } from './rule-set.ts';

/** Where a customer belongs, and until when that holds if nothing happens (ms; infinite for ever). */
export interface Decision {
  stage: StageRules | undefined;
  until: number;
}

/**
 * The last stage whose entry rule holds or, for the stage a customer is in, whose stay rule does. The
 * decision can change only when the answer for that stage does, or for one after it.
 */
export function decide(
  { stages }: Pick<RuleSet, 'stages'>,
  placement: Placement | undefined,
  answer: (tree: Tree) => Answer,
): Decision {
  let until = Number.POSITIVE_INFINITY;
  for (const stage of stages.toReversed()) {
    const stays = stage.stay && stage.key === placement?.stageKey ? answer(stage.stay) : -Infinity;
    const holds = Math.max(answer(stage.entry), stays);
    until = Math.min(until, Math.abs(holds));
    if (holds > 0) return { stage, until: validUntil(until) };
  }
  return { stage: undefined, until: validUntil(until) };
}

/** The last evaluation of one rule set, and until when it holds. */
interface CachedDecision {
  row: AnsweredRow;
  until: number;
  /** How many moves there had been under the sets it depends on. */
  dependencyMoves: number;
}

/** What is known of a customer from earlier evaluations: a set is evaluated again only if that may change. */
export interface DecisionCache {
  bySet: Map<RuleSet, CachedDecision>;
  /** The number of moves by the set's id. */
  moves: Map<string, number>;
}

export const createDecisionCache = (): DecisionCache => ({ bySet: new Map(), moves: new Map() });

interface AnsweredPoint {
  placements: Placements;
  row: AnsweredRow;
  at: number;
}

/**
 * Evaluates the rule sets for a customer at an instant (ms) and updates `placements`; returns the moves and
 * when the rules have to be evaluated again. A second evaluation moves nothing.
 */
export function evaluateAt(
  rules: { sets: readonly RuleSet[]; timeZone: string },
  findings: DecisionCache,
  point: AnsweredPoint,
): { moves: Move[]; due: number } {
  const moves: Move[] = [];
  let due = Number.POSITIVE_INFINITY;
  for (const set of rules.sets) {
    if (set.appliesTo === 'PLACED' && !point.placements.has(set.id)) continue;
    let finding = findings.bySet.get(set);
    if (!finding || !isCurrent(finding, set, point, findings)) {
      const result = evaluateSet(set, point, rules.timeZone);
      moves.push(...result.moves);
      countMoves(findings, set, result.moves.length);
      const dependencyMoves = movesUnder(findings, set.dependsOn);
      finding = { row: point.row, until: result.until, dependencyMoves };
      findings.bySet.set(set, finding);
    }
    due = Math.min(due, finding.until);
  }
  return { moves, due };
}

const isCurrent = (
  finding: CachedDecision,
  { dependsOn }: RuleSet,
  { row, at }: AnsweredPoint,
  findings: DecisionCache,
) =>
  finding.row === row &&
  at < finding.until &&
  finding.dependencyMoves === movesUnder(findings, dependsOn);

const movesUnder = ({ moves }: DecisionCache, ids: readonly string[]) =>
  ids.reduce((sum, id) => sum + (moves.get(id) ?? 0), 0);

function countMoves({ moves }: DecisionCache, { id }: RuleSet, count: number) {
  if (count > 0) moves.set(id, (moves.get(id) ?? 0) + count);
}

/** A move may itself make a rule hold ("has ever been in"): evaluated again until nothing moves. */
function evaluateSet(set: RuleSet, { placements, row, at }: AnsweredPoint, timeZone: string) {
  const moves: Move[] = [];
  for (;;) {
    const placement = placements.get(set.id);
    if (placement?.pinnedUntil !== undefined && at < placement.pinnedUntil) {
      return { moves, until: placement.pinnedUntil };
    }
    // In a build a set sees its own placements, not those of the definition it is to replace.
    const placementIn = (id: string) => (set.subjectId === id ? placement : placements.get(id));
    const evaluationPoint = { at, timeZone, placementIn };
    const { stage, until } = decide(set, placement, (tree) => answerAt(tree, row, evaluationPoint));
    const move = moveTo(set, placement, stage);
    if (!move || moves.length > set.stages.length) return { moves, until };
    moves.push(move);
    applyMove(placements, move, at);
  }
}

function moveTo(
  set: RuleSet,
  from: Placement | undefined,
  to: StageRules | undefined,
): Move | undefined {
  if (to?.key === from?.stageKey) return undefined;
  return to || !set.keepsUnmatched ? { set, from, to } : undefined;
}

function applyMove(placements: Placements, { set, from, to }: Move, at: number) {
  if (!to) {
    placements.delete(set.id);
    return;
  }
  const leftAt = from ? { ...from.leftAt, [from.stageKey]: at } : {};
  placements.set(set.id, { stageKey: to.key, since: at, leftAt, pinnedUntil: undefined });
}
