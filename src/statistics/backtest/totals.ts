import { requireInteger } from '../models/require.ts';
import { InvalidArgument } from '../refusals.ts';
import { requireNonEmpty } from './forecast.ts';

/** Expected and actual purchases, or money, of one customer in the window. */
export interface OutcomeTotal {
  /** Repeat purchases before the window. */
  x: number;
  expected: number;
  actual: number;
}

/** Expected against actual over customers. */
export interface ForecastTotals {
  customers: number;
  expected: number;
  actual: number;
  /** Expected over actual; null when nothing happened. */
  ratio: number | null;
  /** The mean over customers of |expected - actual|. */
  meanAbsoluteError: number;
}

/** @throws InvalidArgument for no outcomes, or one that is no finite number */
export function totalsOf(outcomes: readonly OutcomeTotal[]): ForecastTotals {
  requireNonEmpty(outcomes);
  let [expected, actual, error] = [0, 0, 0];
  for (const outcome of outcomes) {
    if (!Number.isFinite(outcome.expected) || !Number.isFinite(outcome.actual)) {
      const told = `${outcome.expected} and ${outcome.actual}`;
      throw new InvalidArgument('Expected and actual purchases', 'finite numbers', told);
    }
    expected += outcome.expected;
    actual += outcome.actual;
    error += Math.abs(outcome.expected - outcome.actual);
  }
  const customers = outcomes.length;
  const ratio = actual === 0 ? null : expected / actual;
  return { customers, expected, actual, ratio, meanAbsoluteError: error / customers };
}

/** The totals of the customers with so many repeat purchases. */
export interface RepeatsRow extends ForecastTotals {
  x: number;
  /** Whether the row also holds those with more: the last one, "7+". */
  orMore: boolean;
}

/**
 * ForecastTotals by the number of repeat purchases before the window, 0 to `last` or more; numbers that nobody has
 * are left out.
 * @throws InvalidArgument
 */
export function tableByRepeats(outcomes: readonly OutcomeTotal[], last = 7): RepeatsRow[] {
  requireNonEmpty(outcomes);
  for (const { x } of outcomes) requireInteger('The number of repeat purchases', x);
  return [...Map.groupBy(outcomes, ({ x }) => Math.min(x, last))]
    .sort(([left], [right]) => left - right)
    .map(([x, alike]) => ({ x, orMore: x === last, ...totalsOf(alike) }));
}
