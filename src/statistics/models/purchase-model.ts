import type { Fit, FitFailure } from './fit-positive.ts';
import type { LogNormalPrior } from './log-normal-prior.ts';
import type { HistoryGroup, PurchaseHistory } from './purchase-history.ts';

/** How a purchase model is fitted. */
export interface FitOptions<P> {
  /** Default: none, for maximum likelihood. From 500 customers on the prior hardly matters. */
  prior?: LogNormalPrior<P>;
}

/**
 * A model of customers that buy without a contract until they drop out unobserved. All functions are pure. Times are in
 * the unit of the histories of the fit.
 *
 * Every function refuses invalid parameters, histories, times and thresholds with a `ModelRefusal`, so none returns NaN.
 */
export interface PurchaseModel<P> {
  readonly name: 'MBG_NBD' | 'BG_NBD' | 'PARETO_NBD';
  /**
   * Fits the most likely parameters. Returns parameters only if the fit converged and the data determine every parameter;
   * otherwise a typed failure.
   */
  fit(groups: readonly HistoryGroup[], options?: FitOptions<P>): Fit<P> | FitFailure;
  /** A vague prior on the time scale of these customers: see `log-normal-prior.ts`. */
  defaultPrior(groups: readonly HistoryGroup[]): LogNormalPrior<P>;
  /** ln L of one history, as published: without the factor x! and with the density of the times. */
  logLikelihood(parameters: P, history: PurchaseHistory): number;
  /** ln(P(gone) / P(alive)); minus infinity where the model considers the customer certainly alive. */
  logOddsGone(parameters: P, history: PurchaseHistory): number;
  pAlive(parameters: P, history: PurchaseHistory): number;
  /** P(no purchase within the next `horizon`). */
  pSilent(parameters: P, history: PurchaseHistory, horizon: number): number;
  /** E[Y(time)]: expected purchases of a customer with this history within the next `time`. */
  expectedPurchases(parameters: P, history: PurchaseHistory, time: number): number;
  /** E[X(time)]: expected repeat purchases of a new customer within `time` of the first purchase. */
  expectedFromNew(parameters: P, time: number): number;
  /** P(exactly `count` purchases within the next `time`); for `newCustomer`, P(X(t) = n). */
  probabilityOfCount(
    parameters: P,
    history: PurchaseHistory,
    { count, time }: { count: number; time: number },
  ): number;
  /**
   * The age T at which P(alive) falls to `threshold` if the customer stays silent; `tx` if it is below the threshold at the
   * last purchase, null if it never falls that far.
   */
  aliveFallsTo(
    parameters: P,
    { x, tx }: Pick<PurchaseHistory, 'x' | 'tx'>,
    threshold: number,
  ): number | null;
  /** The age T at which P(silent for `horizon`) rises to `threshold`, with the same special cases. */
  silentRisesTo(
    parameters: P,
    { x, tx }: Pick<PurchaseHistory, 'x' | 'tx'>,
    { threshold, horizon }: { threshold: number; horizon: number },
  ): number | null;
}
