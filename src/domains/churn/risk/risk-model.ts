import type { BetaGeometricParameters } from '../../../statistics/models/beta-geometric-likelihood.ts';
import type { Calibration } from '../../../statistics/models/platt-scaling.ts';
import type { SpendModel } from '../../../statistics/models/spend-model.ts';
import type { RenewalModel } from '../subscription/subscription-risk.ts';

/** From low to very high risk. */
export const riskBands = ['LOW', 'MEDIUM', 'HIGH', 'LAPSED'] as const;
export type RiskBand = (typeof riskBands)[number];

/** The bands with an entry threshold. */
export const raisedBands = ['MEDIUM', 'HIGH', 'LAPSED'] as const satisfies RiskBand[];
export type RaisedBand = (typeof raisedBands)[number];

/** An entry score, and the lower score below which the band or flag ends when a new model is activated. */
export interface Threshold {
  enter: number;
  exit: number;
}

export type BandThresholds = Readonly<Record<RaisedBand, Threshold>>;

/** Which events count as activity: orders, or all. */
export const churnActivities = ['PURCHASES', 'ANY_ACTIVITY'] as const;
export type ChurnActivity = (typeof churnActivities)[number];

/** The model that scores customers without contract from their activity. Immutable once stored. */
export interface PurchaseRiskModel {
  activity: ChurnActivity;
  horizonDays: number;
  /** MBG/NBD parameters, in days. */
  parameters: BetaGeometricParameters;
  /** Slope 1 and intercept 0 without enough data to calibrate. */
  calibration: Calibration;
  bands: BandThresholds;
  /** In minor units; null without any repeat purchase. */
  spend: SpendModel | null;
}

/** The model that scores subscribers. Immutable once stored. */
export interface SubscriptionRiskModel extends RenewalModel {
  bands: BandThresholds;
}

/** Whether customers churn by inactivity or by not renewing. */
export const churnModes = ['ACTIVITY', 'SUBSCRIPTION'] as const;
export type ChurnMode = (typeof churnModes)[number];

/** The model that assesses risk, with the time zone and the currency of the workspace. */
export type RiskModel =
  | (PurchaseRiskModel & { mode: 'ACTIVITY' })
  | (SubscriptionRiskModel & { mode: 'SUBSCRIPTION'; timeZone: string; currency: string });

/**
 * How far the score must rise after the last activity to flag a customer, so that customers who are always
 * slow are not flagged.
 */
export const flaggingRise: Threshold = { enter: 0.15, exit: 0.1 };
