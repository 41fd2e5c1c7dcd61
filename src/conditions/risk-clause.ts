import type { Activity } from '../churn/risk/activity.ts';
import { flagThreshold } from '../churn/risk/next-change.ts';
import {
  flaggingRise,
  type RaisedBand,
  type RiskModel,
  raisedBands,
} from '../churn/risk/risk-model.ts';
import { pAliveFallsBelow, riseAt, scoreAt, scoreRisesTo } from '../churn/risk/score.ts';
import { valueAtLastActivity } from '../churn/risk/value.ts';
import { type Answer, answerOf, forEver } from './clause.ts';
import { given, meetsNumber } from './compare.ts';
import type { NumberComparison, ShareComparison } from './filter.ts';
import type { Moment } from './tree.ts';

/** The names under which a customer's band and flag are held, as stages of a lifecycle are by its id. */
export const bandPlace = 'RISK_BAND';
export const flagPlace = 'RISK_FLAG';
export const flaggedKey = 'FLAGGED';

/** What is asked of a customer's risk by a model; nothing holds of whoever was never active. */
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

/** The numbers of `activitySql` by their names. */
export function toActivity(numbers: readonly number[]): Activity {
  const [x = 0, first = 0, last = 0, repeatValue = 0] = numbers;
  return { x, first, last, repeatValue };
}

/** The answer of a clause about a customer's risk, and until when it stands by silence alone. */
export function answerRisk(
  { model, asks }: RiskCondition,
  numbers: readonly number[] | null | undefined,
  moment: Moment,
): Answer {
  if (!numbers) return forEver(false);
  const activity = toActivity(numbers);
  const { at } = moment;
  if ('value' in asks) {
    const value = valueAtLastActivity(model, activity);
    return forEver(value !== null && meetsNumber(value, asks.value));
  }
  if ('score' in asks) {
    const { from, below } = rangeOf(asks.score);
    return during(scoreRisesTo(model, activity, from), scoreRisesTo(model, activity, below), at);
  }
  if ('pAlive' in asks) {
    const { from, below } = rangeOf(asks.pAlive);
    return during(
      pAliveFallsBelow(model, activity, below),
      pAliveFallsBelow(model, activity, from),
      at,
    );
  }
  return 'band' in asks
    ? answerBand(model, activity, asks, moment)
    : answerFlag(model, activity, asks, moment);
}

/** As a range whose end does not belong to it. */
export function rangeOf(comparison: ShareComparison): { from: number; below: number } {
  const [kind, operand] = given(comparison);
  if (kind === 'between') return { from: operand.from, below: operand.to };
  return kind === 'atLeast'
    ? { from: operand, below: Number.POSITIVE_INFINITY }
    : { from: Number.NEGATIVE_INFINITY, below: operand };
}

/** Of what holds from one instant until another. */
function during(since: number, until: number, at: number): Answer {
  if (since >= until || at >= until) return forEver(false);
  if (at < since) return Number.isFinite(since) ? answerOf(false, since) : forEver(false);
  return Number.isFinite(until) ? answerOf(true, until) : forEver(true);
}

/** In the stage since after the last activity: nothing but a new model can have let the score fall. */
const wasThereBefore = (place: string, activity: Activity, { placeIn }: Moment) =>
  (placeIn(place)?.since ?? Number.NEGATIVE_INFINITY) >= activity.last;

function answerBand(
  model: RiskModel,
  activity: Activity,
  { band, kept }: { band: RaisedBand; kept: boolean },
  moment: Moment,
): Answer {
  const score = scoreAt(model, activity, moment.at);
  const { enter, exit } = model.bands[band];
  if (kept) {
    return forEver(score >= exit && wasThereBefore(bandPlace, activity, moment));
  }
  if (score >= enter) return forEver(true);
  // Bands are asked for together: the one that begins next is soon enough to ask of all.
  const next = raisedBands.map((one) => model.bands[one].enter).find((begin) => begin > score);
  return during(scoreRisesTo(model, activity, next ?? enter), Infinity, moment.at);
}

function answerFlag(
  model: RiskModel,
  activity: Activity,
  { kept }: { kept: boolean },
  moment: Moment,
): Answer {
  if (kept) {
    const stays = riseAt(model, activity, moment.at) >= flaggingRise.exit;
    const isHigh = scoreAt(model, activity, moment.at) >= model.bands.HIGH.exit;
    return forEver(stays && isHigh && wasThereBefore(flagPlace, activity, moment));
  }
  return during(scoreRisesTo(model, activity, flagThreshold(model, activity)), Infinity, moment.at);
}
