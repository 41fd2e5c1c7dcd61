import { type Answer, validUntil } from '../conditions/clause.ts';
import { type AnsweredRow, answerAt, type Tree } from '../conditions/tree.ts';
import type { Move, Placement, Placements } from './outcome.ts';
import type { RuleSet, StageRules } from './rule-set.ts';

/** The stage of a customer, and until when it is valid without further events (ms; may be infinite). */
export interface Decision {
  stage: StageRules | undefined;
  until: number;
}

/**
 * Selects the last stage whose entry rule holds; for the customer's current stage a stay rule that holds counts too.
 * The decision can change only with the answer for that stage or a later one.
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

/** The last evaluation of one rule set, and until when it is valid. */
interface CachedDecision {
  row: AnsweredRow;
  until: number;
  /** The number of moves then under the sets it depends on. */
  dependencyMoves: number;
}

/** The earlier evaluations of a customer: a set is evaluated again only if its decision may have changed. */
export interface DecisionCache {
  bySet: Map<RuleSet, CachedDecision>;
  /** The number of moves by set id. */
  moves: Map<string, number>;
}

export const createDecisionCache = (): DecisionCache => ({ bySet: new Map(), moves: new Map() });

interface AnsweredPoint {
  placements: Placements;
  row: AnsweredRow;
  at: number;
}

/**
 * Evaluates the rule sets for a customer at an instant (ms) and updates `placements`. Returns the moves and when the
 * rules must be evaluated again. Idempotent.
 */
export function evaluateAt(
  rules: { sets: readonly RuleSet[]; timeZone: string },
  cache: DecisionCache,
  point: AnsweredPoint,
): { moves: Move[]; due: number } {
  const moves: Move[] = [];
  let due = Number.POSITIVE_INFINITY;
  for (const set of rules.sets) {
    if (set.appliesTo === 'PLACED' && !point.placements.has(set.id)) continue;
    let cached = cache.bySet.get(set);
    if (!cached || !isCurrent(cached, set, point, cache)) {
      const result = evaluateSet(set, point, rules.timeZone);
      moves.push(...result.moves);
      countMoves(cache, set, result.moves.length);
      const dependencyMoves = movesUnder(cache, set.dependsOn);
      cached = { row: point.row, until: result.until, dependencyMoves };
      cache.bySet.set(set, cached);
    }
    due = Math.min(due, cached.until);
  }
  return { moves, due };
}

const isCurrent = (
  cached: CachedDecision,
  { dependsOn }: RuleSet,
  { row, at }: AnsweredPoint,
  cache: DecisionCache,
) =>
  cached.row === row &&
  at < cached.until &&
  cached.dependencyMoves === movesUnder(cache, dependsOn);

const movesUnder = ({ moves }: DecisionCache, ids: readonly string[]) =>
  ids.reduce((sum, id) => sum + (moves.get(id) ?? 0), 0);

function countMoves({ moves }: DecisionCache, { id }: RuleSet, count: number) {
  if (count > 0) moves.set(id, (moves.get(id) ?? 0) + count);
}

/** Repeats until there is no move, because a move may satisfy another rule ("has ever been in"). */
function evaluateSet(set: RuleSet, { placements, row, at }: AnsweredPoint, timeZone: string) {
  const moves: Move[] = [];
  for (;;) {
    const placement = placements.get(set.id);
    if (placement?.pinnedUntil !== undefined && at < placement.pinnedUntil) {
      return { moves, until: placement.pinnedUntil };
    }
    // A set in a build depends on its own placements, not on those of the definition that it will replace.
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
