import { betaGeometricModel } from './beta-geometric.ts';
import type { BetaGeometricParameters } from './beta-geometric-likelihood.ts';
import { goneTerms } from './beta-geometric-scores.ts';
import { type PurchaseHistory, requireHistory } from './purchase-history.ts';
import { requireParameters } from './require.ts';

/**
 * MBG/NBD, the default: customers may leave after any purchase, the first one included (Batislam, Denizel &
 * Filiztekin 2007; Hoppe & Wagner 2007). r and alpha: gamma mix of purchase rates, alpha in the unit of time;
 * a and b: beta mix of the probability of leaving.
 */
export const mbgNbd = betaGeometricModel('MBG_NBD', 1);

/** Why MBG/NBD takes a customer for gone. */
export interface GoneReasons {
  /** ln(a / (b + x)): the tendency of customers with x repeats. */
  tendency: number;
  /** (r + x) ln((alpha + T) / (alpha + tx)): the silence against the customer's own rhythm. */
  silence: number;
  /** ln(P(gone) / P(alive)): the sum of the two, to the last bit. */
  logOdds: number;
}

/**
 * The exact terms of the log-odds of "gone" under MBG/NBD.
 * @throws InvalidParameters, InvalidHistory
 */
export function explainGone(
  parameters: BetaGeometricParameters,
  history: PurchaseHistory,
): GoneReasons {
  requireParameters(parameters);
  requireHistory(history);
  const { tendency, silence } = goneTerms(1, parameters, history);
  return { tendency, silence, logOdds: tendency + silence };
}
