import { expect, it } from 'vitest';
import { bgNbd } from '../../../src/statistics/models/bg-nbd.ts';
import type { Fit, FitFailure } from '../../../src/statistics/models/fit-positive.ts';
import { mbgNbd } from '../../../src/statistics/models/mbg-nbd.ts';
import { paretoNbd } from '../../../src/statistics/models/pareto-nbd.ts';
import {
  groupHistories,
  type PurchaseHistory,
} from '../../../src/statistics/models/purchase-history.ts';
import { createDraws, simulateBetaGeometric, simulatePareto } from './simulate-customers.ts';

const models = [mbgNbd, bgNbd, paretoNbd] as const;
const mbgParameters = { r: 0.6, alpha: 45, a: 0.8, b: 2 };

function simulateMbg(seed: number, customers: number): PurchaseHistory[] {
  const draws = createDraws(seed);
  return Array.from({ length: customers }, () => {
    const T = 90 + 400 * draws.uniform();
    const { x, tx } = simulateBetaGeometric(draws, mbgParameters, { opening: 1, T });
    return { x, tx, T };
  });
}

function expectRecovered<P extends object>(fit: Fit<P> | FitFailure, parameters: P) {
  if (!fit.converged) throw new Error(fit.message);
  for (const [name, wanted] of Object.entries(parameters)) {
    const found = (fit.parameters as Record<string, number>)[name] ?? Number.NaN;
    const error = (fit.standardErrors as Record<string, number>)[name] ?? Number.NaN;
    expect(Math.abs(found - wanted) / error, `${name} ${found} ± ${error}`).toBeLessThan(3.5);
    expect(error / wanted).toBeLessThan(0.2);
  }
}

it('recovers simulated MBG/NBD parameters within the standard errors', () => {
  expectRecovered(mbgNbd.fit(groupHistories(simulateMbg(1, 20_000))), mbgParameters);
});

it('recovers simulated BG/NBD parameters', () => {
  const draws = createDraws(2);
  const histories = Array.from({ length: 20_000 }, () => {
    const T = 90 + 400 * draws.uniform();
    const { x, tx } = simulateBetaGeometric(draws, mbgParameters, { opening: 0, T });
    return { x, tx, T };
  });

  expectRecovered(bgNbd.fit(groupHistories(histories)), mbgParameters);
});

it('recovers simulated Pareto/NBD parameters', () => {
  const draws = createDraws(3);
  const parameters = { r: 0.7, alpha: 30, s: 0.8, beta: 120 };
  const histories = Array.from({ length: 4_000 }, () =>
    simulatePareto(draws, parameters, 90 + 400 * draws.uniform()),
  );

  expectRecovered(paretoNbd.fit(groupHistories(histories)), parameters);
});

it('predicts calibrated probabilities of being alive', () => {
  const draws = createDraws(4);
  const bins = Array.from({ length: 5 }, () => ({ n: 0, alive: 0, expected: 0 }));
  for (let i = 0; i < 50_000; i += 1) {
    const customer = simulateBetaGeometric(draws, mbgParameters, { opening: 1, T: 300 });
    const probability = mbgNbd.pAlive(mbgParameters, customer);
    const bin = bins[Math.min(4, Math.floor(probability * 5))];
    if (!bin) continue;
    bin.n += 1;
    bin.alive += Number(customer.isAlive);
    bin.expected += probability;
  }

  for (const { n, alive, expected } of bins) {
    expect(Math.abs(alive - expected)).toBeLessThan(4 * Math.sqrt(n / 4));
  }
});

it.each(models)(
  'fits $name identically to groups and to single customers, in any order',
  (model) => {
    const days = simulateMbg(5, 400).map(({ x, tx, T }) => ({
      x,
      tx: x === 0 ? 0 : Math.max(1, Math.floor(tx)),
      T: Math.ceil(T),
    }));
    const single = days.map((one) => ({ ...one, count: 1 })).reverse();
    const [grouped, apart] = [model.fit(groupHistories(days)), model.fit(single)];

    expect(grouped).toMatchObject({ converged: true, n: 400 });
    expect(apart).toMatchObject({ converged: true, n: 400 });
    if (!grouped.converged || !apart.converged) return;
    expect(grouped.logLikelihood).toBeCloseTo(apart.logLikelihood, 7);
    for (const [name, value] of Object.entries(grouped.parameters)) {
      const other = (apart.parameters as unknown as Record<string, number>)[name] ?? Number.NaN;
      expect(Math.abs(value / other - 1)).toBeLessThan(1e-4);
    }
  },
);

it.each(models)('returns the same P(alive) after a fit of $name in weeks and in days', (model) => {
  const inDays = simulateMbg(6, 800);
  const inWeeks = inDays.map(({ x, tx, T }) => ({ x, tx: tx / 7, T: T / 7 }));
  const [days, weeks] = [model.fit(groupHistories(inDays)), model.fit(groupHistories(inWeeks))];

  if (!days.converged || !weeks.converged) throw new Error('There is no fit');
  // The union of the models' parameters is not callable; each pair belongs to one model.
  const pAlive = model.pAlive as (parameters: unknown, history: PurchaseHistory) => number;
  for (const [i, history] of inDays.entries()) {
    const other = pAlive(weeks.parameters, inWeeks[i] ?? history);
    expect(Math.abs(pAlive(days.parameters, history) - other)).toBeLessThan(1e-5);
  }
});

it.each(models)('reports a failed fit of $name without customers', (model) => {
  expect(model.fit([])).toMatchObject({ converged: false, reason: 'NO_CUSTOMERS', n: 0 });
});

it.each(models)('reports a failed fit of $name to customers without repeat purchases', (model) => {
  const groups = [{ x: 0, tx: 0, T: 30, count: 50 }];

  expect(model.fit(groups)).toMatchObject({
    converged: false,
    reason: 'NOTHING_TO_LEARN',
    n: 50,
    message: expect.stringContaining('Wait for more data'),
  });
  expect(model.fit(groups)).not.toHaveProperty('parameters');
});

it.each([
  ['one customer', [{ x: 3, tx: 20, T: 30, count: 1 }]],
  ['identical customers', [{ x: 3, tx: 20, T: 30, count: 500 }]],
  ['customers of no age', [{ x: 0, tx: 0, T: 0, count: 5 }]],
])('reports a failed fit to %s', (_, groups) => {
  for (const model of models) {
    const fit = model.fit(groups);
    expect(fit.converged, `${model.name}: ${JSON.stringify(fit)}`).toBe(false);
    expect(fit).not.toHaveProperty('parameters');
  }
});

it.each(models)('fits $name with a prior when the data contain little information', (model) => {
  for (const groups of [
    [{ x: 3, tx: 20, T: 30, count: 1 }],
    [{ x: 3, tx: 20, T: 30, count: 500 }],
    [{ x: 0, tx: 0, T: 30, count: 50 }],
  ]) {
    const fit = model.fit(groups, { prior: model.defaultPrior(groups) as never });

    expect(fit).toMatchObject({ converged: true, hasPrior: true });
    if (!fit.converged) return;
    for (const value of Object.values(fit.parameters)) {
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThan(1e4);
    }
  }
});

it('shrinks fits of small workspaces towards the prior, but not those of large ones', () => {
  const score = (parameters: typeof mbgParameters, customer: PurchaseHistory) =>
    mbgNbd.pSilent(parameters, customer, 90);
  const worst = { plain: 0, prior: 0, absurd: 0 };
  for (let seed = 100; seed < 120; seed += 1) {
    const groups = groupHistories(simulateMbg(seed, 30));
    const plain = mbgNbd.fit(groups);
    const mapped = mbgNbd.fit(groups, { prior: mbgNbd.defaultPrior(groups) });
    if (!mapped.converged) throw new Error(mapped.message);
    const meanError = (parameters: typeof mbgParameters) =>
      groups.reduce(
        (sum, customer) =>
          sum + Math.abs(score(parameters, customer) - score(mbgParameters, customer)),
        0,
      ) / groups.length;
    if (plain.converged) worst.plain = Math.max(worst.plain, meanError(plain.parameters));
    else worst.absurd += 1;
    worst.prior = Math.max(worst.prior, meanError(mapped.parameters));
  }
  expect(worst.prior).toBeLessThan(0.11);

  const groups = groupHistories(simulateMbg(7, 20_000));
  const plain = mbgNbd.fit(groups);
  const mapped = mbgNbd.fit(groups, { prior: mbgNbd.defaultPrior(groups) });
  if (!plain.converged || !mapped.converged) throw new Error('There is no fit');
  const customer = { x: 3, tx: 60, T: 200 };
  expect(score(mapped.parameters, customer)).toBeCloseTo(score(plain.parameters, customer), 3);
});

it('refuses contradictory histories', () => {
  const code = expect.objectContaining({ code: 'INVALID_HISTORY' });

  expect(() => mbgNbd.fit([{ x: 0, tx: 5, T: 9, count: 1 }])).toThrow(code);
  expect(() => mbgNbd.fit([{ x: 2, tx: 0, T: 9, count: 1 }])).toThrow(code);
  expect(() => mbgNbd.fit([{ x: 2, tx: 5, T: 9, count: 0 }])).toThrow(code);
  expect(() => mbgNbd.fit([{ x: 2, tx: 5, T: 9, count: Number.NaN }])).toThrow(code);
});

it('refuses a prior without a centre or a width', () => {
  const groups = [{ x: 3, tx: 20, T: 30, count: 1 }];
  const centres = { r: 1, alpha: 1, a: 1, b: 0 };

  expect(() => mbgNbd.fit(groups, { prior: { centres, sd: 1 } })).toThrow(
    expect.objectContaining({ code: 'INVALID_PARAMETERS' }),
  );
  expect(() => mbgNbd.fit(groups, { prior: { centres: { ...centres, b: 1 }, sd: 0 } })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
