import { betaGeometricModel } from './beta-geometric.ts';

/**
 * BG/NBD (Fader, Hardie & Lee 2005, Marketing Science 24:275-284), an alternative to the default. P(alive) is 1 for every
 * customer without a repeat purchase, so 1 - P(alive) ranks customers backwards: score by `pSilent` only.
 */
export const bgNbd = betaGeometricModel('BG_NBD', 0);
