import { InvalidPurchase } from '../refusals.ts';
import type { Spend } from './gamma-gamma.ts';

// Gamma-Gamma takes spend for independent of frequency; beyond this its values mislead.
const tolerated = 0.3;

/** Whether how much customers spend depends on how often they buy. */
export interface SpendIndependence {
  /** Pearson's correlation of x and m; null where one of them does not vary. */
  correlation: number | null;
  isDoubtful: boolean;
}

/**
 * Checks the assumption of Gamma-Gamma that frequency and mean value are independent (Fader & Hardie note
 * 025). Doubtful above a correlation of .3 to either side.
 * @throws InvalidPurchase for numbers that are not finite
 */
export function checkSpendIndependence(spends: readonly Spend[]): SpendIndependence {
  let n = 0;
  let meanX = 0;
  let meanM = 0;
  let [xx, mm, xm] = [0, 0, 0];
  for (const { x, m, count = 1 } of spends) {
    n += count;
    const [awayX, awayM] = [x - meanX, m - meanM];
    meanX += (count / n) * awayX;
    meanM += (count / n) * awayM;
    xx += count * awayX * (x - meanX);
    mm += count * awayM * (m - meanM);
    xm += count * awayX * (m - meanM);
  }
  if (!Number.isFinite(xx + mm + xm)) {
    throw new InvalidPurchase('A mean value is too large or no number: leave such customers out.');
  }
  if (!(xx > 0 && mm > 0)) return { correlation: null, isDoubtful: false };
  const correlation = xm / Math.sqrt(xx * mm);
  return { correlation, isDoubtful: Math.abs(correlation) > tolerated };
}
