import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { begin, createShopWorkspace, day, order } from '../../support/churn-shop.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const ask = `query ($end: DateTime!, $days: Int, $model: ChurnModelName) {
  churnBacktest(calibrationEnd: $end, horizonDays: $days, model: $model) {
    __typename
    ... on Refusal { code message }
    ... on InsufficientData { reason }
    ... on ChurnBacktest {
      customers parameters hasPrior isCalibrated baseRate auc brier skill skillAgainstRecency logLoss
      calibrationError equalMass: calibrationError(binning: EQUAL_MASS)
      reliability { from to count meanForecast observedRate }
      gain { share gain lift }
      purchases { customers expected actual ratio }
      byRepeats { repeats orMore totals { customers expected actual } }
      value { expected actual ratio } } } }`;

interface Told {
  customers: number;
  parameters: Record<string, number>;
  hasPrior: boolean;
  isCalibrated: boolean;
  baseRate: number;
  auc: number;
  brier: number;
  skillAgainstRecency: number | null;
  calibrationError: number;
  reliability: Array<{ count: number; meanForecast: number; observedRate: number }>;
  gain: Array<{ share: number; gain: number }>;
  purchases: { customers: number; expected: number; actual: number };
  byRepeats: Array<{ totals: { customers: number; expected: number; actual: number } }>;
  value: { expected: number; actual: number; ratio: number };
}

const defaultVariables = { end: '2026-01-01T00:00:00Z', days: 90 };

async function backtest(workspace: TestWorkspace, variables: object = defaultVariables) {
  const { churnBacktest } = await workspace.query<{
    churnBacktest: Told & { __typename: string };
  }>(ask, variables);
  return churnBacktest;
}

it('reports how a model fitted before a day predicted the days after, and the parts add up', async () => {
  const { workspace, orders } = await createShopWorkspace(server, 700);
  const end = Date.parse(defaultVariables.end);
  const known = new Set(
    orders.flatMap(({ userId, timestamp }) => (Date.parse(timestamp) < end ? [userId] : [])),
  );
  const later = orders.filter(({ userId, timestamp }) => {
    const at = Date.parse(timestamp);
    return known.has(userId) && at >= end && at < end + 90 * day;
  });

  const data = await backtest(workspace);

  const buyers = new Set(later.map(({ userId }) => userId));
  expect(data.customers).toBe(known.size);
  expect(data.baseRate).toBeCloseTo(1 - buyers.size / known.size, 10);
  expect(data.purchases).toMatchObject({ customers: known.size, actual: later.length });
  const value = later.reduce((sum, { properties }) => sum + properties.total * 100, 0);
  expect(data.value.actual).toBe(value);
  for (const part of ['customers', 'expected', 'actual'] as const) {
    const sum = data.byRepeats.reduce((all, { totals }) => all + totals[part], 0);
    expect(sum).toBeCloseTo(data.purchases[part], 6);
  }
  expect(data.reliability.reduce((sum, { count }) => sum + count, 0)).toBe(known.size);
  expect(data.gain.at(-1)).toMatchObject({ share: 1, gain: 1 });
  expect(data).toMatchObject({ hasPrior: false, isCalibrated: true });
  expect(data.auc).toBeGreaterThan(0.75);
  expect(data.calibrationError).toBeLessThan(0.1);
  expect(data.purchases.expected / data.purchases.actual).toBeGreaterThan(0.7);
});

it('does not use data after the day in the forecasts', async () => {
  const { workspace } = await createShopWorkspace(server, 150);
  const before = await backtest(workspace);

  const end = Date.parse(defaultVariables.end);
  await workspace.send(
    Array.from({ length: 100 }, (_, index) => order(`c${index}`, end + 3 * day + 1, 9_999)),
  );

  const after = await backtest(workspace);
  const expectedOf = ({ parameters, purchases, value, reliability }: Told) => ({
    parameters,
    purchases: purchases.expected,
    value: value.expected,
    forecasts: reliability.map(({ count, meanForecast }) => ({ count, meanForecast })),
  });
  expect(expectedOf(after)).toEqual(expectedOf(before));
  expect(after.purchases.actual).toBeGreaterThan(before.purchases.actual);
});

it('counts a merged visitor as its customer, and ignores other workspaces', async () => {
  const { workspace } = await createShopWorkspace(server, 150);
  const other = await newWorkspace(server);
  const { customers } = await backtest(workspace);

  const { userId: _, ...unknown } = order('visitor', begin + day, 20);
  await workspace.send([{ ...unknown, anonymousId: 'visitor' }]);
  expect((await backtest(workspace)).customers).toBe(customers + 1);
  await workspace.send([{ type: 'identify', anonymousId: 'visitor', userId: 'c1' }]);

  expect((await backtest(workspace)).customers).toBe(customers);
  expect(await backtest(other)).toMatchObject({
    __typename: 'InsufficientData',
    code: 'INSUFFICIENT_DATA',
    reason: 'TOO_FEW_CUSTOMERS',
  });
});

it.each([
  ['a window that has not ended', { ...defaultVariables, days: 200 }],
  ['no days', { ...defaultVariables, days: 0 }],
  ['too many days', { ...defaultVariables, days: 731 }],
])('refuses %s', async (_name, variables) => {
  server.clock.now = new Date('2026-06-01T00:00:00Z');
  const workspace = await newWorkspace(server);

  expect(await backtest(workspace, variables)).toMatchObject({ code: 'INVALID_INPUT' });
});

it.each(['MBG_NBD', 'BG_NBD', 'PARETO_NBD'])('fits %s', async (model) => {
  const { workspace } = await createShopWorkspace(server, 200);

  const data = await backtest(workspace, { ...defaultVariables, model });

  expect(Object.keys(data.parameters)).toEqual(
    model === 'PARETO_NBD' ? ['r', 'alpha', 's', 'beta'] : ['r', 'alpha', 'a', 'b'],
  );
  expect(data).toMatchObject({ hasPrior: true });
  expect(data.auc).toBeGreaterThan(0.6);
});

describe('on the command line', async () => {
  const main = join(import.meta.dirname, '../../../src/entrypoints/command-line/main.ts');
  const folder = await mkdtemp(join(tmpdir(), 'stageline-charts-'));
  afterAll(() => rm(folder, { recursive: true }));

  /** Runs the command in its own process and folder. */
  const run = ({ id }: TestWorkspace, ...options: string[]) =>
    promisify(execFile)(
      process.execPath,
      [main, 'churn', 'backtest', '2025-10-01', '--horizon', '60', '--workspace', id, ...options],
      { cwd: folder, env: { PATH: process.env['PATH'], DATABASE_URL: server.databaseUrl } },
    );

  it('prints the tables, draws two charts and prints their paths', async () => {
    const { workspace } = await createShopWorkspace(server, 150);
    const charts = join('made', 'for it');

    const first = await run(workspace, '--charts', charts);
    await writeFile(join(folder, charts, 'gain.svg'), 'of yesterday');
    const { stdout } = await run(workspace, '--charts', charts);

    expect(stdout).toBe(first.stdout);
    expect(stdout).toMatch(/^measure .*\nscore .*\nof .*\nrepeats .*\nchart /s);
    const files = (await readdir(join(folder, charts))).toSorted();
    expect(files).toEqual(['gain.svg', 'reliability.svg']);
    for (const file of files) {
      expect(stdout).toContain(join(charts, file));
      const svg = await readFile(join(folder, charts, file), 'utf8');
      expect(svg).toMatch(/^<svg .*Test \d+ · MBG_NBD · 60 days from 2025-10-01.*<\/svg>\n$/s);
    }
  });

  it('draws into the default folder without an option', async () => {
    const { workspace } = await createShopWorkspace(server, 150);

    const { stdout } = await run(workspace, '--no-charts');
    expect(stdout).not.toContain('chart');
    expect(await readdir(folder)).not.toContain('charts');

    await run(workspace);
    expect(await readdir(join(folder, 'charts'))).toHaveLength(2);
  });

  it('prints the tables even if it cannot write charts, and says what to do', async () => {
    const { workspace } = await createShopWorkspace(server, 150);
    await writeFile(join(folder, 'a file'), '');

    const refused = run(workspace, '--charts', join('a file', 'charts'));

    await expect(refused).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^measure /),
      stderr: expect.stringMatching(
        /^The charts cannot be written \(ENOTDIR.* Pass --charts with .*\n$/,
      ),
    });
  });
});
