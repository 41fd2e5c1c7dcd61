import {
  type Answer,
  answerUntil,
  type ClauseSql,
  permanentAnswer,
} from '../../../engine/conditions/clause.ts';
import { matchesNumber, type NumberRange } from '../../../engine/conditions/compare.ts';
import type {
  AtomicCondition,
  ConditionKind,
  EvaluationPoint,
} from '../../../engine/conditions/condition.ts';
import type { NumberComparison } from '../../../engine/conditions/filter.ts';
import { InvalidFilter } from '../../../engine/conditions/invalid-filter.ts';
import type { ConditionScope } from '../../../engine/conditions/scope.ts';
import type { AnsweredRow } from '../../../engine/conditions/tree.ts';
import { flagThresholds } from '../risk/next-change.ts';
import {
  type BandThresholds,
  type RaisedBand,
  type RiskModel,
  raisedBands,
} from '../risk/risk-model.ts';
import { type RiskHistory, riskTrajectory } from '../risk/risk-trajectory.ts';
import type { RiskTrajectory } from '../risk/trajectory.ts';
import { historySql } from './history-sql.ts';
import { bandRuleSet, flagRuleSet } from './risk-placements.ts';
import {
  assessedColumns,
  compareLifetimeValue,
  pAliveSql,
  silentSql,
  steppedSql,
  uncalibratedRange,
} from './risk-sql.ts';
import { rangeOf, type ShareComparison } from './share.ts';

/** A condition about a customer's risk by a model. It is false for customers without a risk. */
export interface RiskCondition {
  model: RiskModel;
  criterion: RiskCriterion;
}

export type RiskCriterion =
  | { score: ShareComparison }
  | { pAlive: ShareComparison }
  /** The value just after the last activity. */
  | { value: NumberComparison }
  /** Whether a band begins or, with `kept`, has not ended for a customer in it without activity since. */
  | { band: RaisedBand; kept: boolean }
  /** The same for the flag. */
  | { flag: true; kept: boolean };

export const riskCondition = (data: RiskCondition): AtomicCondition<RiskCondition> => ({
  kind: riskKind,
  data,
});

/** The column of an `AnsweredRow` with the customer's `RiskHistory`, as `historySql` loads it. */
const historyColumn = 'activity';

const loadedTrajectory = (model: RiskModel, loaded: unknown): RiskTrajectory | undefined =>
  riskTrajectory(model, loaded as RiskHistory | null | undefined);

/** The risk trajectory by what a plan has loaded of the customer; undefined for customers without a risk. */
export const rowTrajectory = (
  model: RiskModel,
  row: AnsweredRow | undefined,
): RiskTrajectory | undefined => loadedTrajectory(model, row?.[historyColumn]);

const riskKind: ConditionKind<RiskCondition> = {
  name: 'risk',
  compile: compileRisk,
  inMemory: {
    load: { column: historyColumn, compile: ({ model }, scope) => historySql(model, scope) },
    answer: answerRisk,
  },
  answerWithout: ({ model }, { columns }) =>
    assessedColumns(model).every((column) => columns.has(column)) ? false : undefined,
};

function compileRisk({ model, criterion }: RiskCondition, scope: ConditionScope): ClauseSql {
  if (scope.isPast) refusePast(model, criterion);
  if ('value' in criterion) return { steady: compareLifetimeValue(criterion.value) };
  if ('score' in criterion) {
    const range = rangeOf(criterion.score);
    return model.mode === 'ACTIVITY'
      ? scope.isValueInRange(
          (at) => silentSql(model, { ...scope, at }),
          uncalibratedRange(model, range),
        )
      : scope.isValueInRange((at) => steppedSql({ at }), range);
  }
  if ('pAlive' in criterion) {
    return scope.isValueInRange(
      (at) => pAliveSql(model, { ...scope, at }),
      rangeOf(criterion.pAlive),
    );
  }
  throw new Error('Bands and flags are looked up where they are stored');
}

/** @throws InvalidFilter for what is not stored of the past */
function refusePast({ mode }: RiskModel, criterion: RiskCriterion) {
  if ('value' in criterion) {
    throw new InvalidFilter('lifetimeValue', 'the lifetime value is not kept of the past');
  }
  if (mode === 'SUBSCRIPTION') {
    const problem = 'the score of a subscriber is not kept of the past; ask for `band`';
    throw new InvalidFilter('risk', problem);
  }
}

/** The answer, and until when it stands if the customer does nothing. */
function answerRisk(
  { model, criterion }: RiskCondition,
  loaded: unknown,
  point: EvaluationPoint,
): Answer {
  const trajectory = loadedTrajectory(model, loaded);
  if (!trajectory) return permanentAnswer(false);
  const { at } = point;
  if ('value' in criterion) {
    const value = trajectory.valueAt(trajectory.since);
    return permanentAnswer(value !== null && matchesNumber(value, criterion.value));
  }
  if ('score' in criterion) {
    const crosses = (threshold: number) => trajectory.crosses(threshold, at);
    return within(trajectory.scoreAt(at), rangeOf(criterion.score), crosses);
  }
  if ('pAlive' in criterion) {
    const crosses = (threshold: number) => trajectory.aliveCrosses(threshold, at);
    return within(trajectory.aliveAt(at), rangeOf(criterion.pAlive), crosses);
  }
  return 'band' in criterion
    ? answerBand(model.bands, trajectory, criterion, point)
    : answerFlag(model.bands, trajectory, criterion, point);
}

/** Of a value within a range: it stands until the first bound is crossed. */
function within(
  value: number,
  { from, below }: NumberRange,
  crosses: (threshold: number) => number,
): Answer {
  if (from >= below) return permanentAnswer(false);
  const bounds = [from, below].filter(Number.isFinite);
  return until(from <= value && value < below, Math.min(Infinity, ...bounds.map(crosses)));
}

const until = (holds: boolean, end: number): Answer =>
  Number.isFinite(end) ? answerUntil(holds, end) : permanentAnswer(holds);

/** Whether the customer is in the stage since the start of the trajectory, which says nothing about earlier times. */
const isPlacedSince = (
  ruleSetId: string,
  { since }: RiskTrajectory,
  { placementIn }: EvaluationPoint,
) => (placementIn(ruleSetId)?.since ?? Number.NEGATIVE_INFINITY) >= since;

function answerBand(
  bands: BandThresholds,
  trajectory: RiskTrajectory,
  { band, kept }: { band: RaisedBand; kept: boolean },
  point: EvaluationPoint,
): Answer {
  const { at } = point;
  const { enter, exit } = bands[band];
  const score = trajectory.scoreAt(at);
  if (kept) {
    const stays = score >= exit && isPlacedSince(bandRuleSet, trajectory, point);
    return stays ? until(true, trajectory.crosses(exit, at)) : permanentAnswer(false);
  }
  if (score >= enter) return until(true, trajectory.crosses(enter, at));
  // Bands are evaluated together: it is soon enough to evaluate all when the next one begins.
  const next = raisedBands.map((one) => bands[one].enter).find((begin) => begin > score);
  return until(false, trajectory.crosses(next ?? enter, at));
}

function answerFlag(
  bands: BandThresholds,
  trajectory: RiskTrajectory,
  { kept }: { kept: boolean },
  point: EvaluationPoint,
): Answer {
  const { at } = point;
  const { enter, exit } = flagThresholds({ bands }, trajectory);
  const score = trajectory.scoreAt(at);
  if (!kept) return until(score >= enter, trajectory.crosses(enter, at));
  const stays = score >= exit && isPlacedSince(flagRuleSet, trajectory, point);
  return stays ? until(true, trajectory.crosses(exit, at)) : permanentAnswer(false);
}
