import { answerRisk, type RiskCondition } from '../../domains/churn/filter/risk-clause.ts';
import type { RiskHistory } from '../../domains/churn/risk/risk-trajectory.ts';
import { addDuration } from '../../platform/time/add-duration.ts';
import { demandDuration } from '../../platform/time/duration.ts';
import { type Answer, answerDuring, answerOf, forEver } from './clause.ts';
import type { PlaceCondition } from './resolve.ts';

/** Where a customer is in a lifecycle; instants in ms since 1970. */
export interface Place {
  stageKey: string;
  since: number;
  /** When each stage it was in before was last left. */
  leftAt: Readonly<Record<string, number>>;
}

/** A condition whose parts were answered by SQL, up to those about places and risk. */
export type Tree =
  | { steady: number }
  | { during: number }
  | { asked: number }
  | { place: PlaceCondition }
  | { risk: RiskCondition }
  | { all: Tree[] }
  | { any: Tree[] }
  | { not: Tree };

/** What SQL answered for one pair: good for every later instant too, until it has to be asked again. */
export interface AnsweredRow {
  /** One letter per column that time alone does not change: t or f. */
  steady: string;
  /** Two bounds per clause that holds from the one until the other, in seconds since 1900. */
  during: number[];
  /** What the customer's risk is assessed by, if some rule asks for it; null without anything. */
  activity?: RiskHistory | null;
  /** The answers of clauses of which it cannot be known beforehand what time makes of them. */
  asked: Answer[];
}

export interface Moment {
  /** In ms since 1970. */
  at: number;
  timeZone: string;
  placeIn(lifecycleId: string): Place | undefined;
}

/** The answer to a condition at a moment, from what SQL said of its parts and where the customer is. */
export function answerAt(tree: Tree, row: AnsweredRow, moment: Moment): Answer {
  if ('steady' in tree) return forEver(row.steady[tree.steady] === 't');
  if ('during' in tree) {
    const since = row.during[2 * tree.during] ?? Number.NaN;
    return answerDuring(since, row.during[2 * tree.during + 1] ?? Number.NaN, moment.at);
  }
  if ('asked' in tree) return row.asked[tree.asked] ?? Number.NaN;
  if ('place' in tree) return answerPlace(tree.place, moment);
  if ('risk' in tree) return answerRisk(tree.risk, row.activity, moment);
  if ('not' in tree) return -answerAt(tree.not, row, moment);
  if ('all' in tree) {
    return Math.min(Infinity, ...tree.all.map((part) => answerAt(part, row, moment)));
  }
  return Math.max(-Infinity, ...tree.any.map((part) => answerAt(part, row, moment)));
}

function answerPlace({ lifecycleId, stages, limit }: PlaceCondition, moment: Moment): Answer {
  const place = moment.placeIn(lifecycleId);
  if (!place) return forEver(false);
  const isThere = stages.includes(place.stageKey);
  if (!limit) return forEver(isThere);
  const { at, timeZone } = moment;
  const later = (from: number, told: string) => addDuration(from, demandDuration(told), timeZone);
  if ('forAtLeast' in limit || 'enteredWithin' in limit) {
    if (!isThere) return forEver(false);
    const isLong = 'forAtLeast' in limit;
    const end = later(place.since, isLong ? limit.forAtLeast : limit.enteredWithin);
    return at < end ? answerOf(!isLong, end) : forEver(isLong);
  }
  const left = Math.max(-Infinity, ...stages.map((stage) => place.leftAt[stage] ?? -Infinity));
  if (isThere) return forEver(true);
  if ('ever' in limit) return forEver(left > -Infinity);
  const end = left > -Infinity ? later(left, limit.within) : -Infinity;
  return at < end ? answerOf(true, end) : forEver(false);
}

/** The lifecycles whose places a tree asks for. */
export function lifecyclesIn(tree: Tree): string[] {
  if ('place' in tree) return [tree.place.lifecycleId];
  if ('not' in tree) return lifecyclesIn(tree.not);
  if ('all' in tree) return tree.all.flatMap(lifecyclesIn);
  return 'any' in tree ? tree.any.flatMap(lifecyclesIn) : [];
}
