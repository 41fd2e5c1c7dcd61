import { InvalidArgument } from '../refusals.ts';

/** A predicted probability and the actual outcome. */
export interface Forecast {
  /** From 0 to 1; for AUC and lift any number that ranks. */
  score: number;
  outcome: boolean;
}

/** @throws InvalidArgument unless there are forecasts and all are probabilities */
export function requireForecasts(forecasts: readonly Forecast[]): void {
  requireNonEmpty(forecasts);
  const invalid = forecasts.find(({ score }) => !(score >= 0 && score <= 1));
  if (invalid) throw new InvalidArgument('A forecast', 'a probability from 0 to 1', invalid.score);
}

/** @throws InvalidArgument unless there are forecasts and all are finite numbers */
export function requireScores(forecasts: readonly Forecast[]): void {
  requireNonEmpty(forecasts);
  const invalid = forecasts.find(({ score }) => !Number.isFinite(score));
  if (invalid) throw new InvalidArgument('A score', 'a finite number', invalid.score);
}

/** @throws InvalidArgument for an empty list */
export function requireNonEmpty(rows: readonly unknown[]): void {
  if (rows.length === 0) throw new InvalidArgument('The number of forecasts', 'at least 1', 0);
}

/** The share of the forecasts with a positive outcome. */
export function baseRateOf(forecasts: readonly Forecast[]): number {
  requireNonEmpty(forecasts);
  return forecasts.filter(({ outcome }) => outcome).length / forecasts.length;
}
