import { betaGeometricModel } from './beta-geometric.ts';

/**
 * BG/NBD (Fader, Hardie & Lee 2005, Marketing Science 24:275-284), a challenger. P(alive) is 1 for everybody
 * without a repeat purchase, so 1 - P(alive) ranks customers backwards: score by `pSilent` only.
 */
export const bgNbd = betaGeometricModel('BG_NBD', 0);
