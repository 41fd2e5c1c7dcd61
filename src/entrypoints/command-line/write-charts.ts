import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInput } from '../../platform/errors.ts';
import type { Backtest } from '../../statistics/backtest/run-backtest.ts';

/**
 * Draws a back-test into a folder, which is made if it is missing; charts that were there are replaced.
 * @throws InvalidInput where files cannot be written
 */
export async function writeCharts(folder: string, about: string, backtest: Backtest) {
  // The library takes a second to load, which no other command needs to wait for.
  const { drawBacktest } = await import('./charts/draw-backtest.ts');
  const charts = Object.entries(drawBacktest(about, backtest)).map(([chart, svg]) => ({
    chart,
    svg,
    file: join(folder, `${chart}.svg`),
  }));
  try {
    await mkdir(folder, { recursive: true });
    for (const { file, svg } of charts) await writeFile(file, svg);
  } catch (cause) {
    throw new InvalidInput(
      `The charts cannot be written (${(cause as Error).message}). Say --charts with a folder that you may write to, or --no-charts.`,
      { cause },
    );
  }
  return charts.map(({ chart, file }) => ({ chart, file }));
}
