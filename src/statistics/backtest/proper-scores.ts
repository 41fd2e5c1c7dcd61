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
 * 1 - Brier / Brier of the reference: the share of the reference's error that the forecast avoids, below 0 for
 * a worse forecast. The default reference is the constant base rate. Null when the
 * reference has no error.
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

// A wrong forecast of exactly 0 or 1 would make the mean infinite.
const minProbability = 1e-15;

/**
 * The mean of -ln of the probability predicted for the actual outcome; probabilities count as at least 1e-15.
 * @throws InvalidArgument
 */
export function logLoss(forecasts: readonly Forecast[]): number {
  requireForecasts(forecasts);
  const sum = forecasts.reduce((total, { score, outcome }) => {
    const probability = outcome ? score : 1 - score;
    return total - Math.log(Math.max(probability, minProbability));
  }, 0);
  return sum / forecasts.length;
}
