import { formatNumber, median } from './spread.ts';

/** One line of the table: the same thing measured once per run. */
export interface Measurement {
  benchmark: string;
  measure: string;
  unit: string;
  values: number[];
  aim?: { atLeast: number } | { atMost: number };
}

const headings = ['benchmark', 'measure', 'median', 'least – most', 'aim', ''];

export function formatFigures(measurements: readonly Measurement[]): string {
  const rows = [headings, ...measurements.map(toCells)];
  const widths = headings.map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  );
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return `${lines.join('\n')}\n`;
}

/** Numbers stand at the right of their column. */
const pad = (cell: string, width: number, column: number) =>
  column >= 2 && column <= 4 ? cell.padStart(width) : cell.padEnd(width);

function toCells(measurement: Measurement): string[] {
  const { benchmark, measure, unit, values, aim } = measurement;
  const middle = `${formatNumber(median(values))}${unit && ` ${unit}`}`;
  const spread = `${formatNumber(Math.min(...values))} – ${formatNumber(Math.max(...values))}`;
  return [benchmark, measure, middle, spread, aim ? describeAim(aim) : '', verdict(measurement)];
}

const describeAim = (aim: NonNullable<Measurement['aim']>) =>
  'atLeast' in aim ? `≥ ${formatNumber(aim.atLeast)}` : `≤ ${formatNumber(aim.atMost)}`;

function verdict({ aim, values }: Measurement): string {
  if (!aim) return '';
  const middle = median(values);
  const met = 'atLeast' in aim ? middle >= aim.atLeast : middle <= aim.atMost;
  return met ? 'met' : 'MISSED';
}
