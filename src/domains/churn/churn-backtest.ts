import { loadWorkspaceSettings } from '../../access/workspaces.ts';
import type { Transaction } from '../../platform/database.ts';
import { DomainError, InvalidInput } from '../../platform/errors.ts';
import { dayOf } from '../../platform/time/day-of.ts';
import { msPerDay } from '../../platform/time/ms-per-day.ts';
import { type Backtest, runBacktest } from '../../statistics/backtest/run-backtest.ts';
import { bgNbd } from '../../statistics/models/bg-nbd.ts';
import type { InsufficientSample } from '../../statistics/models/fit-groups.ts';
import { mbgNbd } from '../../statistics/models/mbg-nbd.ts';
import { paretoNbd } from '../../statistics/models/pareto-nbd.ts';
import { loadOutcomes } from './load-outcomes.ts';

/** Too few customers, or too few repeat purchases, to fit a model. */
export class InsufficientData extends DomainError {
  readonly code = 'INSUFFICIENT_DATA';
  override readonly status = 422;
  readonly reason: InsufficientSample['reason'];

  constructor({ reason, message }: InsufficientSample) {
    super(message);
    this.reason = reason;
  }
}

export const churnModelNames = ['MBG_NBD', 'BG_NBD', 'PARETO_NBD'] as const;
export type ChurnModelName = (typeof churnModelNames)[number];

export interface BacktestRequest {
  /** The model sees no data from this day on, in the workspace's time zone. */
  calibrationEnd: Date;
  horizonDays: number;
  model: ChurnModelName;
}

export const maxHorizonDays = 730;

/**
 * Fits a model on the data before a day and compares its forecasts with what customers did afterwards.
 *
 * @throws InvalidInput for a window that has not ended; InsufficientData
 */
export async function runChurnBacktest(
  db: Transaction,
  { calibrationEnd, horizonDays, model }: BacktestRequest,
  now: Date,
): Promise<Backtest> {
  if (!Number.isInteger(horizonDays) || horizonDays < 1 || horizonDays > maxHorizonDays) {
    throw new InvalidInput(`\`horizonDays\` must be a whole number from 1 to ${maxHorizonDays}.`);
  }
  const { timeZone } = await loadWorkspaceSettings(db);
  const from = dayOf(calibrationEnd, timeZone);
  if (addDays(from, horizonDays) > dayOf(now, timeZone)) {
    throw new InvalidInput(
      'The window has not ended. Outcomes are known once `horizonDays` have passed since `calibrationEnd`.',
    );
  }
  const customers = await loadOutcomes(db, { from, horizonDays });
  const earlierFrom = addDays(from, -horizonDays);
  const earlier = await loadOutcomes(db, { from: earlierFrom, horizonDays });
  const result = runModel(model, customers, { horizonDays, earlier });
  if ('reason' in result) throw new InsufficientData(result);
  return result;
}

/** Adds days to an ISO date. */
export const addDays = (day: string, days: number) =>
  new Date(Date.parse(day) + days * msPerDay).toISOString().slice(0, 10);

function runModel(
  model: ChurnModelName,
  ...args: BacktestArguments
): Backtest | InsufficientSample {
  switch (model) {
    case 'MBG_NBD':
      return runBacktest(mbgNbd, ...args);
    case 'BG_NBD':
      return runBacktest(bgNbd, ...args);
    case 'PARETO_NBD':
      return runBacktest(paretoNbd, ...args);
  }
}

type BacktestArguments = [
  customers: Parameters<typeof runBacktest>[1],
  options: Parameters<typeof runBacktest>[2],
];
