import { InvalidPurchase } from '../refusals.ts';
import type { Spend } from './gamma-gamma.ts';

// Gamma-Gamma assumes that spend is independent of frequency; beyond this correlation its values mislead.
const maxCorrelation = 0.3;

/** Whether spend per purchase depends on purchase frequency. */
export interface SpendIndependence {
  /** Pearson's correlation of x and m; null if one of them does not vary. */
  correlation: number | null;
  isDoubtful: boolean;
}

/**
 * Checks the assumption of Gamma-Gamma that frequency and mean value are independent (Fader & Hardie note 025). Doubtful
 * above an absolute correlation of .3.
 * @throws InvalidPurchase for numbers that are not finite
 */
export function checkSpendIndependence(spends: readonly Spend[]): SpendIndependence {
  let n = 0;
  let meanX = 0;
  let meanM = 0;
  let [xx, mm, xm] = [0, 0, 0];
  for (const { x, m, count = 1 } of spends) {
    n += count;
    const [deltaX, deltaM] = [x - meanX, m - meanM];
    meanX += (count / n) * deltaX;
    meanM += (count / n) * deltaM;
    xx += count * deltaX * (x - meanX);
    mm += count * deltaM * (m - meanM);
    xm += count * deltaX * (m - meanM);
  }
  if (!Number.isFinite(xx + mm + xm)) {
    throw new InvalidPurchase('A mean value is too large or not a number. Omit such customers.');
  }
  if (!(xx > 0 && mm > 0)) return { correlation: null, isDoubtful: false };
  const correlation = xm / Math.sqrt(xx * mm);
  return { correlation, isDoubtful: Math.abs(correlation) > maxCorrelation };
}
