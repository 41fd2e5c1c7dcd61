import { drawBeta, drawExponential, drawGamma, type Random } from './random-variates.ts';

/** The parameters of a simulated customer. The shop sees only the purchases. */
export interface Buyer {
  /** Purchases per week while active. */
  rate: number;
  /** Probability of dropping out after a repeat purchase. */
  dropout: number;
  /** Rate of the gamma distribution of the order values; a smaller rate means larger orders. */
  spendRate: number;
}

/**
 * Fitted to CDNOW, 1997: BG/NBD (Fader, Hardie, Lee 2005, time in weeks) and Gamma-Gamma (Fader, Hardie 2013,
 * dollars), so that the demo has data that the churn models are made for.
 */
const cdnow = {
  purchasing: { shape: 0.243, rate: 4.414 },
  dropout: { a: 0.793, b: 2.426 },
  spend: { shape: 3.74, rate: 15.44 },
  order: { shape: 6.25 },
};

export function drawBuyer(random: Random): Buyer {
  return {
    rate: drawGamma(random, cdnow.purchasing),
    dropout: drawBeta(random, cdnow.dropout),
    spendRate: drawGamma(random, cdnow.spend),
  };
}

/** Ages in weeks at the repeat purchases up to `until`; ends when the customer has dropped out. */
export function* repeatPurchases(random: Random, buyer: Buyer, until: number): Generator<number> {
  // A rate that underflows to 0 gives an infinite wait, which is right: no repeat purchase.
  for (let age = drawExponential(random, buyer.rate); age <= until; ) {
    yield age;
    if (random() < buyer.dropout) return;
    age += drawExponential(random, buyer.rate);
  }
}

/** Draws the value of one order in minor units. */
export function drawOrderValue(random: Random, { spendRate }: Buyer): number {
  const value = drawGamma(random, { shape: cdnow.order.shape, rate: spendRate });
  return Math.max(100, Math.round(value * 100));
}

// E[X(t)] as published for these parameters, t in weeks.
const published = [
  [0, 0],
  [1, 0.0532],
  [3, 0.1506],
  [32, 1.0437],
  [78, 1.858],
] as const;

/** Expected repeat purchases of a customer in the first weeks, at most 78. */
export function expectedRepeats(weeks: number): number {
  let [from, fewer]: readonly [number, number] = published[0];
  for (const [to, more] of published) {
    if (weeks < to) return fewer + ((more - fewer) * (weeks - from)) / (to - from);
    [from, fewer] = [to, more];
  }
  return fewer;
}
