import { type Answer, answerOf, forEver } from '../../../engine/conditions/clause.ts';
import { given, meetsNumber } from '../../../engine/conditions/compare.ts';
import type { NumberComparison, ShareComparison } from '../../../engine/conditions/filter.ts';
import type { Moment } from '../../../engine/conditions/tree.ts';
import { flagThresholds } from '../risk/next-change.ts';
import {
  type BandThresholds,
  type RaisedBand,
  type RiskModel,
  raisedBands,
} from '../risk/risk-model.ts';
import { type RiskHistory, riskTrajectory } from '../risk/risk-trajectory.ts';
import type { RiskTrajectory } from '../risk/trajectory.ts';

/** The names under which a customer's band and flag are held, as stages of a lifecycle are by its id. */
export const bandPlace = 'RISK_BAND';
export const flagPlace = 'RISK_FLAG';
export const flaggedKey = 'FLAGGED';

/** What is asked of a customer's risk by a model; nothing holds of whoever did nothing that it is about. */
export interface RiskCondition {
  model: RiskModel;
  asks:
    | { score: ShareComparison }
    | { pAlive: ShareComparison }
    /** As just after the last activity. */
    | { value: NumberComparison }
    /** Whether a band begins, or, for who is in it and was not active since, has not ended. */
    | { band: RaisedBand; kept: boolean }
    /** The same of a flag. */
    | { flag: true; kept: boolean };
}

/** The answer of a clause about a customer's risk, and until when it stands by silence alone. */
export function answerRisk(
  { model, asks }: RiskCondition,
  history: RiskHistory | null | undefined,
  moment: Moment,
): Answer {
  const course = riskTrajectory(model, history);
  if (!course) return forEver(false);
  const { at } = moment;
  if ('value' in asks) {
    const value = course.valueAt(course.since);
    return forEver(value !== null && meetsNumber(value, asks.value));
  }
  if ('score' in asks) {
    const crosses = (threshold: number) => course.crosses(threshold, at);
    return within(course.scoreAt(at), rangeOf(asks.score), crosses);
  }
  if ('pAlive' in asks) {
    const crosses = (threshold: number) => course.aliveCrosses(threshold, at);
    return within(course.aliveAt(at), rangeOf(asks.pAlive), crosses);
  }
  return 'band' in asks
    ? answerBand(model.bands, course, asks, moment)
    : answerFlag(model.bands, course, asks, moment);
}

/** As a range whose end does not belong to it. */
export function rangeOf(comparison: ShareComparison): { from: number; below: number } {
  const [kind, operand] = given(comparison);
  if (kind === 'between') return { from: operand.from, below: operand.to };
  return kind === 'atLeast'
    ? { from: operand, below: Number.POSITIVE_INFINITY }
    : { from: Number.NEGATIVE_INFINITY, below: operand };
}

/** Of a value within a range: it stands until the first bound is crossed. */
function within(
  value: number,
  { from, below }: { from: number; below: number },
  crosses: (threshold: number) => number,
): Answer {
  if (from >= below) return forEver(false);
  const bounds = [from, below].filter(Number.isFinite);
  return until(from <= value && value < below, Math.min(Infinity, ...bounds.map(crosses)));
}

const until = (holds: boolean, end: number): Answer =>
  Number.isFinite(end) ? answerOf(holds, end) : forEver(holds);

/** In the stage since what began the course: of before that it says nothing. */
const isThereSince = (place: string, { since }: RiskTrajectory, { placeIn }: Moment) =>
  (placeIn(place)?.since ?? Number.NEGATIVE_INFINITY) >= since;

function answerBand(
  bands: BandThresholds,
  course: RiskTrajectory,
  { band, kept }: { band: RaisedBand; kept: boolean },
  moment: Moment,
): Answer {
  const { at } = moment;
  const { enter, exit } = bands[band];
  const score = course.scoreAt(at);
  if (kept) {
    const stays = score >= exit && isThereSince(bandPlace, course, moment);
    return stays ? until(true, course.crosses(exit, at)) : forEver(false);
  }
  if (score >= enter) return until(true, course.crosses(enter, at));
  // Bands are asked for together: the one that begins next is soon enough to ask of all.
  const next = raisedBands.map((one) => bands[one].enter).find((begin) => begin > score);
  return until(false, course.crosses(next ?? enter, at));
}

function answerFlag(
  bands: BandThresholds,
  course: RiskTrajectory,
  { kept }: { kept: boolean },
  moment: Moment,
): Answer {
  const { at } = moment;
  const { enter, exit } = flagThresholds({ bands }, course);
  const score = course.scoreAt(at);
  if (!kept) return until(score >= enter, course.crosses(enter, at));
  const stays = score >= exit && isThereSince(flagPlace, course, moment);
  return stays ? until(true, course.crosses(exit, at)) : forEver(false);
}
