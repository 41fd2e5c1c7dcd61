import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInput } from '../../platform/errors.ts';
import type { Backtest } from '../../statistics/backtest/run-backtest.ts';
import { drawBacktest } from './charts/draw-backtest.ts';

/**
 * Writes the charts of a back-test to a folder, which is created if it is missing. Replaces existing charts.
 * @throws InvalidInput when the files cannot be written
 */
export async function writeCharts(folder: string, label: string, backtest: Backtest) {
  const charts = Object.entries(await drawBacktest(label, backtest)).map(([chart, svg]) => ({
    chart,
    svg,
    file: join(folder, `${chart}.svg`),
  }));
  try {
    await mkdir(folder, { recursive: true });
    for (const { file, svg } of charts) await writeFile(file, svg);
  } catch (cause) {
    throw new InvalidInput(
      `The charts cannot be written (${(cause as Error).message}). Pass --charts with a writable folder, or --no-charts.`,
      { cause },
    );
  }
  return charts.map(({ chart, file }) => ({ chart, file }));
}
