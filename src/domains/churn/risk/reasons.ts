import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import { explainGone } from '../../../statistics/models/mbg-nbd.ts';
import type { RenewalReasonCode } from '../subscription/reason-sentences.ts';
import { type Activity, historyAt } from './activity.ts';
import type { PurchaseRiskModel } from './risk-model.ts';
import { rawLogOdds, scoreAt } from './score.ts';

/** Codes of the terms of a purchase score. */
export type PurchaseReasonCode =
  | 'ONE_TIME_BUYER'
  | 'SHORT_HISTORY'
  | 'LOYAL_HISTORY'
  | 'SILENT_VS_OWN_RHYTHM'
  | 'SILENT_SINCE_FIRST_TIME'
  | 'RARE_BY_NATURE'
  | 'EXPERIENCE_HERE';

export interface ScoreReason {
  code: PurchaseReasonCode | RenewalReasonCode;
  /** A sentence in plain language. */
  text: string;
  /** The contribution to the log-odds of the score, which is the sum of all contributions. */
  contribution: number;
}

export interface RiskExplanation {
  score: number;
  /** ln(score / (1 - score)): the sum of the contributions. */
  logOdds: number;
  /** All terms, strongest first. */
  reasons: ScoreReason[];
}

/**
 * Decomposes a customer's score exactly into: the tendency of customers with as many repeats, the silence
 * relative to the customer's own rhythm (together the log-odds of being inactive for good), the chance that an
 * active customer does not return within the horizon, and the calibration.
 */
export function explainScore(
  model: PurchaseRiskModel,
  activity: Activity,
  at: number,
): RiskExplanation {
  const history = historyAt(activity, at);
  const { tendency, silence, logOdds: gone } = explainGone(model.parameters, history);
  const raw = rawLogOdds(model, history);
  const { slope, intercept } = model.calibration;
  const logOdds = intercept + slope * raw;
  const reasons = [
    tendencyReason(activity, tendency),
    silenceReason(activity, at, silence),
    horizonReason(model, raw - gone),
    calibrationReason(logOdds - raw),
  ];
  return {
    score: scoreAt(model, activity, at),
    logOdds,
    reasons: reasons.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)),
  };
}

const maxShortHistory = 3;

function tendencyReason({ x }: Activity, contribution: number): ScoreReason {
  if (x === 0) {
    const text = 'This customer was there once and has not come back yet; many never do.';
    return { code: 'ONE_TIME_BUYER', text, contribution };
  }
  const times = `came back ${formatTimes(x)}`;
  return x <= maxShortHistory
    ? {
        code: 'SHORT_HISTORY',
        text: `This customer ${times} so far, which is little to go by.`,
        contribution,
      }
    : {
        code: 'LOYAL_HISTORY',
        text: `This customer ${times}; such customers rarely leave.`,
        contribution,
      };
}

function silenceReason(
  { x, first, last }: Activity,
  at: number,
  contribution: number,
): ScoreReason {
  const silent = formatDays(at - last);
  if (x === 0) {
    const text = `It has been quiet for ${silent} since the first time.`;
    return { code: 'SILENT_SINCE_FIRST_TIME', text, contribution };
  }
  const meanPause = formatDays((last - first) / x);
  const text = `It has been quiet for ${silent}; the usual pause is ${meanPause}.`;
  return { code: 'SILENT_VS_OWN_RHYTHM', text, contribution };
}

const horizonReason = ({ horizonDays }: PurchaseRiskModel, contribution: number): ScoreReason => ({
  code: 'RARE_BY_NATURE',
  text: `Even a customer who will come back need not do so within the next ${formatDays(horizonDays * msPerDay)}.`,
  contribution,
});

const calibrationReason = (contribution: number): ScoreReason => ({
  code: 'EXPERIENCE_HERE',
  text:
    contribution >= 0
      ? 'Customers like this one stayed away here more often than the model alone expects.'
      : 'Customers like this one came back here more often than the model alone expects.',
  contribution,
});

function formatTimes(count: number): string {
  if (count > 2) return `${count} times`;
  return count === 1 ? 'once' : 'twice';
}

function formatDays(ms: number): string {
  const days = Math.max(1, Math.round(ms / msPerDay));
  return days === 1 ? 'a day' : `${days} days`;
}
