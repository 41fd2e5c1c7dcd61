import { formatNumber, median } from './spread.ts';

/** One line of the report: a measure with one value per run. */
export interface Measurement {
  benchmark: string;
  measure: string;
  unit: string;
  values: number[];
  target?: { min: number } | { max: number };
}

const headings = ['benchmark', 'measure', 'median', 'min – max', 'target', ''];

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

/** Aligns numbers to the right. */
const pad = (cell: string, width: number, column: number) =>
  column >= 2 && column <= 4 ? cell.padStart(width) : cell.padEnd(width);

function toCells(measurement: Measurement): string[] {
  const { benchmark, measure, unit, values, target } = measurement;
  const middle = `${formatNumber(median(values))}${unit && ` ${unit}`}`;
  const spread = `${formatNumber(Math.min(...values))} – ${formatNumber(Math.max(...values))}`;
  return [
    benchmark,
    measure,
    middle,
    spread,
    target ? describeTarget(target) : '',
    verdict(measurement),
  ];
}

const describeTarget = (target: NonNullable<Measurement['target']>) =>
  'min' in target ? `≥ ${formatNumber(target.min)}` : `≤ ${formatNumber(target.max)}`;

function verdict({ target, values }: Measurement): string {
  if (!target) return '';
  const middle = median(values);
  const isMet = 'min' in target ? middle >= target.min : middle <= target.max;
  return isMet ? 'met' : 'MISSED';
}
