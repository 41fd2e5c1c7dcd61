import type { Fit, FitFailure } from './fit-positive.ts';
import type { LogNormalPrior } from './log-normal-prior.ts';
import type { HistoryGroup, PurchaseHistory } from './purchase-history.ts';

/** How a purchase model is fitted. */
export interface FitOptions<P> {
  /** Without one, plain maximum likelihood: from 500 customers on the prior hardly matters. */
  prior?: LogNormalPrior<P>;
}

/**
 * A model of customers who buy without a contract until, unseen, they stop. All functions are pure. Times
 * are in the unit of the histories that the parameters were fitted on.
 *
 * Every function refuses parameters, histories, times and thresholds that make no sense with a
 * `ModelRefusal`, so none answers NaN.
 */
export interface PurchaseModel<P> {
  readonly name: 'MBG_NBD' | 'BG_NBD' | 'PARETO_NBD';
  /**
   * The parameters that make the histories most likely. Only a fit that converged to parameters which the
   * data determine has any; everything else is a typed failure.
   */
  fit(groups: readonly HistoryGroup[], options?: FitOptions<P>): Fit<P> | FitFailure;
  /** A prior that is vague and of the scale of these customers: see `log-normal-prior.ts`. */
  defaultPrior(groups: readonly HistoryGroup[]): LogNormalPrior<P>;
  /** ln L of one history, as published: without the factor x! and with the density of the times. */
  logLikelihood(parameters: P, history: PurchaseHistory): number;
  /** ln(P(gone) / P(alive)); minus infinity where the model takes the customer for alive. */
  logOddsGone(parameters: P, history: PurchaseHistory): number;
  pAlive(parameters: P, history: PurchaseHistory): number;
  /** P(no purchase within the next `horizon`). */
  pSilent(parameters: P, history: PurchaseHistory, horizon: number): number;
  /** E[Y(time)]: expected purchases within the next `time` of a customer with this history. */
  expectedPurchases(parameters: P, history: PurchaseHistory, time: number): number;
  /** E[X(time)]: expected repeat purchases of a new customer within `time` of the first. */
  expectedFromNew(parameters: P, time: number): number;
  /** P(exactly `count` purchases within the next `time`); of `newCustomer` it is P(X(t) = n). */
  probabilityOfCount(
    parameters: P,
    history: PurchaseHistory,
    { count, time }: { count: number; time: number },
  ): number;
  /**
   * The age T at which P(alive) falls to `threshold` if the customer stays silent; `tx` if it does so with
   * the last purchase, null if never.
   */
  aliveFallsTo(
    parameters: P,
    { x, tx }: Pick<PurchaseHistory, 'x' | 'tx'>,
    threshold: number,
  ): number | null;
  /** The age T at which P(silent for `horizon`) rises to `threshold`, likewise. */
  silentRisesTo(
    parameters: P,
    { x, tx }: Pick<PurchaseHistory, 'x' | 'tx'>,
    { threshold, horizon }: { threshold: number; horizon: number },
  ): number | null;
}
