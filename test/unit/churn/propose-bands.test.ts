import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proposeBands } from '../../../src/domains/churn/risk/propose-bands.ts';

const forecasts = (rate: (score: number) => number, count = 2_000) =>
  Array.from({ length: count }, (_, index) => {
    const score = (index + 0.5) / count;
    // Evenly distributed, so that the share of silent customers near a score equals the score.
    return { score, outcome: (index * 0.618_034) % 1 < rate(score) };
  });

describe('the proposed bands', () => {
  it('begin at the required share when scores are calibrated', () => {
    const { MEDIUM, HIGH, LAPSED } = proposeBands(forecasts((score) => score));

    expect(MEDIUM.enter).toBeCloseTo(0.55, 1);
    expect(HIGH.enter).toBeCloseTo(0.75, 1);
    expect(LAPSED.enter).toBeCloseTo(0.925, 1);
  });

  it('begin lower when customers churn more often than predicted', () => {
    const { HIGH } = proposeBands(forecasts((score) => Math.sqrt(score)));

    expect(HIGH.enter).toBeLessThan(0.75);
    expect(Math.sqrt(HIGH.enter)).toBeGreaterThan(0.75);
  });

  it.each([
    ['nothing is known', []],
    ['all customers were silent', forecasts(() => 1)],
    ['no customer was silent', forecasts(() => 0)],
    ['there are too few customers', forecasts((score) => score, 20)],
  ])('are separated and below 1 when %s', (_, known) => {
    const { MEDIUM, HIGH, LAPSED } = proposeBands(known);

    expect([0, MEDIUM.enter, HIGH.enter, LAPSED.enter, 1]).toEqual(
      [0, MEDIUM.enter, HIGH.enter, LAPSED.enter, 1].toSorted((a, b) => a - b),
    );
    expect(new Set([MEDIUM.enter, HIGH.enter, LAPSED.enter]).size).toBe(3);
  });

  it('end below their entry threshold and not below that of the previous band', () => {
    const scored = fc.array(
      fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), outcome: fc.boolean() }),
      { maxLength: 400 },
    );
    fc.assert(
      fc.property(scored, (known) => {
        const { MEDIUM, HIGH, LAPSED } = proposeBands(known);

        for (const { enter, exit } of [MEDIUM, HIGH, LAPSED]) {
          expect(exit).toBeLessThanOrEqual(enter);
          expect(exit).toBeGreaterThan(0);
        }
        expect(HIGH.exit).toBeGreaterThanOrEqual(MEDIUM.enter);
        expect(LAPSED.exit).toBeGreaterThanOrEqual(HIGH.enter);
      }),
    );
  });
});
