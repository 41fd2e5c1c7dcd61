import { expect, it } from 'vitest';
import { drawBuyer, drawOrderValue, repeatPurchases } from '../../../src/entrypoints/demo/buyer.ts';
import {
  createSeededRandom,
  drawBeta,
  drawGamma,
} from '../../../src/entrypoints/demo/random-variates.ts';

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const draw = <T>(count: number, one: () => T) => Array.from({ length: count }, one);

it.each([
  { shape: 0.243, rate: 4.414 },
  { shape: 6.25, rate: 2 },
])('draws gamma variates with the right mean and variance: %j', ({ shape, rate }) => {
  const random = createSeededRandom(1);

  const values = draw(100_000, () => drawGamma(random, { shape, rate }));

  const average = mean(values);
  expect(average / (shape / rate)).toBeCloseTo(1, 1);
  const variance = mean(values.map((value) => (value - average) ** 2));
  expect(variance / (shape / rate ** 2)).toBeCloseTo(1, 1);
});

it('draws beta variates with the right mean', () => {
  const random = createSeededRandom(2);

  const values = draw(50_000, () => drawBeta(random, { a: 0.793, b: 2.426 }));

  expect(mean(values)).toBeCloseTo(0.793 / (0.793 + 2.426), 2);
});

// Published E[X(t)] of BG/NBD on CDNOW, t in weeks (Fader, Hardie, Lee 2005).
it.each([
  [1, 0.0532],
  [32, 1.0437],
  [78, 1.858],
])('buys in %d weeks as often as the model expects: %d times', (weeks, expected) => {
  const random = createSeededRandom(3);

  const counts = draw(60_000, () => [...repeatPurchases(random, drawBuyer(random), weeks)].length);

  expect(mean(counts) / expected).toBeGreaterThan(0.95);
  expect(mean(counts) / expected).toBeLessThan(1.05);
});

it('simulates the share of one-time buyers that the model expects', () => {
  const random = createSeededRandom(4);

  const counts = draw(30_000, () => [...repeatPurchases(random, drawBuyer(random), 39)].length);

  // P(X(t) = 0) = (alpha / (alpha + t)) ^ r
  const expected = (4.414 / (4.414 + 39)) ** 0.243;
  expect(counts.filter((count) => count === 0).length / 30_000).toBeCloseTo(expected, 1.7);
});

it('draws order values from the Gamma-Gamma model', () => {
  const random = createSeededRandom(5);

  const values = draw(60_000, () => drawOrderValue(random, drawBuyer(random)));

  // p * gamma / (q - 1), in dollars
  expect(mean(values) / 100 / 35.2).toBeGreaterThan(0.95);
  expect(mean(values) / 100 / 35.2).toBeLessThan(1.05);
});
