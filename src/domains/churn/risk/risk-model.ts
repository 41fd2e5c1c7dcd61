import type { BetaGeometricParameters } from '../../../statistics/models/beta-geometric-likelihood.ts';
import type { GammaGammaParameters } from '../../../statistics/models/gamma-gamma.ts';
import type { Calibration } from '../../../statistics/models/platt-scaling.ts';
import type { RenewalModel } from '../subscription/subscription-risk.ts';

/** From safe to as good as gone. */
export const riskBands = ['LOW', 'MEDIUM', 'HIGH', 'LAPSED'] as const;
export type RiskBand = (typeof riskBands)[number];

/** The bands that begin at a score. */
export const raisedBands = ['MEDIUM', 'HIGH', 'LAPSED'] as const satisfies RiskBand[];
export type RaisedBand = (typeof raisedBands)[number];

/** A score at which something begins, and the lower one below which it ends when a new model comes in. */
export interface Threshold {
  enter: number;
  exit: number;
}

export type BandThresholds = Readonly<Record<RaisedBand, Threshold>>;

/** What a customer has to do to count as there: place an order, or anything at all. */
export const churnActivities = ['PURCHASES', 'ANY_ACTIVITY'] as const;
export type ChurnActivity = (typeof churnActivities)[number];

/** All that the score of who comes when it likes is made of, besides its own activity. Never changed once stored. */
export interface PurchaseRiskModel {
  activity: ChurnActivity;
  horizonDays: number;
  /** Of MBG/NBD, in days. */
  parameters: BetaGeometricParameters;
  /** Slope 1 and intercept 0 where too little was known to calibrate. */
  calibration: Calibration;
  bands: BandThresholds;
  /** Gamma-Gamma in minor units; null where too little is known of what customers spend. */
  spend: GammaGammaParameters | null;
}

/** The same of subscribers. Never changed once stored. */
export interface SubscriptionRiskModel extends RenewalModel {
  bands: BandThresholds;
}

/** Whether customers are lost by staying away or by not renewing. */
export const churnModes = ['ACTIVITY', 'SUBSCRIPTION'] as const;
export type ChurnMode = (typeof churnModes)[number];

/** A model that risk is assessed by; the calendar and the currency are the workspace's. */
export type RiskModel =
  | (PurchaseRiskModel & { mode: 'ACTIVITY' })
  | (SubscriptionRiskModel & { mode: 'SUBSCRIPTION'; timeZone: string; currency: string });

/**
 * How far the score must have risen since just after the last activity to flag a customer, so that those who
 * are slow by nature are no news.
 */
export const flaggingRise: Threshold = { enter: 0.15, exit: 0.1 };
