import { baseRateOf, type Forecast, requireForecasts } from './forecast.ts';

/**
 * The mean squared error of probabilities (Brier 1950): 0 is perfect, base rate × (1 - base rate) is the
 * constant forecast.
 * @throws InvalidArgument
 */
export function brierScore(forecasts: readonly Forecast[]): number {
  requireForecasts(forecasts);
  const sum = forecasts.reduce(
    (total, { score, outcome }) => total + (score - Number(outcome)) ** 2,
    0,
  );
  return sum / forecasts.length;
}

/**
 * 1 - Brier / Brier of the reference: the share of the reference's error that is gone, below 0 for a forecast
 * that is worse. The reference is the constant base rate unless its Brier score is given. Null when the
 * reference makes no error.
 * @throws InvalidArgument
 */
export function brierSkill(
  forecasts: readonly Forecast[],
  reference: number = baseRateError(forecasts),
): number | null {
  const score = brierScore(forecasts);
  return reference > 0 ? 1 - score / reference : null;
}

function baseRateError(forecasts: readonly Forecast[]): number {
  const baseRate = baseRateOf(forecasts);
  return baseRate * (1 - baseRate);
}

// A forecast of exactly 0 or 1 that fails would make the mean infinite.
const minProbability = 1e-15;

/**
 * The mean of -ln of the probability given to what happened; probabilities count as at least 1e-15.
 * @throws InvalidArgument
 */
export function logLoss(forecasts: readonly Forecast[]): number {
  requireForecasts(forecasts);
  const sum = forecasts.reduce((total, { score, outcome }) => {
    const given = outcome ? score : 1 - score;
    return total - Math.log(Math.max(given, minProbability));
  }, 0);
  return sum / forecasts.length;
}
