import { betaGeometricModel } from './beta-geometric.ts';
import type { BetaGeometricParameters } from './beta-geometric-likelihood.ts';
import { goneTerms } from './beta-geometric-scores.ts';
import { type PurchaseHistory, requireHistory } from './purchase-history.ts';
import { requireParameters } from './require.ts';

/**
 * MBG/NBD, the default: customers may drop out after any purchase, including the first (Batislam, Denizel & Filiztekin
 * 2007; Hoppe & Wagner 2007). r and alpha: gamma distribution of purchase rates, alpha in the unit of time; a and b:
 * beta distribution of the drop-out probability.
 */
export const mbgNbd = betaGeometricModel('MBG_NBD', 1);

/** The terms of the MBG/NBD log-odds that a customer has dropped out. */
export interface GoneReasons {
  /** ln(a / (b + x)): the drop-out tendency of customers with x repeats. */
  tendency: number;
  /** (r + x) ln((alpha + T) / (alpha + tx)): the silence relative to the customer's purchase rate. */
  silence: number;
  /** ln(P(gone) / P(alive)): exactly the sum of the two. */
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
