import { InvalidArgument } from '../refusals.ts';

/** A probability that was given before, and whether it then happened. */
export interface Forecast {
  /** From 0 to 1; for the AUC and the lift any number that ranks. */
  score: number;
  outcome: boolean;
}

/** @throws InvalidArgument unless there are forecasts and all are probabilities */
export function requireForecasts(forecasts: readonly Forecast[]): void {
  requireNonEmpty(forecasts);
  const wrong = forecasts.find(({ score }) => !(score >= 0 && score <= 1));
  if (wrong) throw new InvalidArgument('A forecast', 'a probability from 0 to 1', wrong.score);
}

/** @throws InvalidArgument unless there are forecasts and all are finite numbers */
export function requireScores(forecasts: readonly Forecast[]): void {
  requireNonEmpty(forecasts);
  const wrong = forecasts.find(({ score }) => !Number.isFinite(score));
  if (wrong) throw new InvalidArgument('A score', 'a finite number', wrong.score);
}

/** @throws InvalidArgument for an empty list */
export function requireNonEmpty(rows: readonly unknown[]): void {
  if (rows.length === 0) throw new InvalidArgument('The number of forecasts', 'at least 1', 0);
}

/** The share of the forecasts whose outcome came true. */
export function baseRateOf(forecasts: readonly Forecast[]): number {
  requireNonEmpty(forecasts);
  return forecasts.filter(({ outcome }) => outcome).length / forecasts.length;
}
