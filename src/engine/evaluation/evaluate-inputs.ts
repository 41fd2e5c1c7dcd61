import type { Transaction } from '../../platform/database.ts';
import type { Sql } from '../../platform/sql.ts';
import { storedPairs } from '../conditions/answer.ts';
import { validUntil } from '../conditions/clause.ts';
import type { AnsweredRow } from '../conditions/tree.ts';
import { findAbsentData } from './load-absent-data.ts';
import type { EvaluationOutcome } from './outcome.ts';
import { placedIn } from './placements.ts';
import { type EvaluationInput, type ReplayPoint, replay } from './replay.ts';
import type { CompiledRules, RuleSets } from './rules.ts';
import { givenPairs, type Snapshot } from './snapshot.ts';

/** The input from a batch of events, with the facts before its first step and after each step. */
export interface ReplayedInput extends EvaluationInput {
  snapshots: readonly Snapshot[];
}

interface InputPoint<Input extends EvaluationInput> extends ReplayPoint {
  input: Input;
}

/** Answers of SQL, valid from one instant until another. */
interface Answers {
  from: number;
  until: number;
  row: AnsweredRow;
}

interface EvaluationInProgress<Input extends EvaluationInput> {
  input: Input;
  /** By the number of steps. */
  answers: Map<number, Answers[]>;
  replaying: ReturnType<typeof replay>;
}

const maxPairs = 5_000;
const emptyRow: AnsweredRow = { steady: '', during: [], expiring: [] };

/** Evaluates customers through the events of a batch, with the facts in memory. */
export const evaluateSnapshots = (
  db: Transaction,
  rules: Pick<RuleSets, 'sets' | 'needs' | 'compile'>,
  inputs: readonly ReplayedInput[],
): Promise<EvaluationOutcome[]> => {
  const snapshots = inputs.flatMap((input) => input.snapshots);
  const placed = placedIn(rules.sets, inputs);
  const compiled = rules.compile('given', findAbsentData(snapshots, rules.needs), placed);
  const { needs } = compiled.plan;
  const toPairs = (points: InputPoint<ReplayedInput>[]) =>
    givenPairs(
      points.map(({ input, steps, at }) => ({
        customerId: input.customerId,
        at,
        snapshot: requireValue(input.snapshots[steps]),
      })),
      needs,
    );
  return evaluateInputs(db, compiled, inputs, toPairs);
};

/** Evaluates stored customers: at due times, or after a change that is not an event. */
export const evaluateStored = (
  db: Transaction,
  rules: CompiledRules,
  inputs: readonly EvaluationInput[],
): Promise<EvaluationOutcome[]> => {
  const toPairs = (points: InputPoint<EvaluationInput>[]) =>
    storedPairs(
      db.workspaceId,
      points.map(({ input: { customerId }, at }) => ({ customerId, at: new Date(at) })),
    );
  return evaluateInputs(db, rules, inputs, toPairs);
};

/**
 * One statement answers the conditions for all required points of all customers. The answers may require further
 * points (due times in between), which the next statement answers together. Answers that do not expire are queried
 * once per step.
 */
async function evaluateInputs<Input extends EvaluationInput>(
  db: Transaction,
  rules: CompiledRules,
  inputs: readonly Input[],
  toPairs: (points: InputPoint<Input>[]) => Sql,
): Promise<EvaluationOutcome[]> {
  type Running = EvaluationInProgress<Input>;
  const { plan } = rules;
  const evaluations = inputs.map((input) => begin(input, rules));
  const outcomes = new Map<Running, EvaluationOutcome>();
  let needed = evaluations.flatMap((running) =>
    firstPoints(running.input).map((point) => ({ running, ...point })),
  );
  let open = evaluations;
  while (open.length > 0) {
    await loadAnswers(needed);
    needed = [];
    open = open.filter((running) => {
      const next = running.replaying.next();
      if (!next.done) {
        needed.push(...next.value.map((point) => ({ running, ...point })));
        return true;
      }
      const { customerId, placements } = running.input;
      outcomes.set(running, { ...next.value, customerId, before: placements });
      return false;
    });
  }
  return evaluations.map((running) => requireValue(outcomes.get(running)));

  async function loadAnswers(points: Array<ReplayPoint & { running: Running }>) {
    const isRepeated = ({ running, steps }: (typeof points)[number]) => running.answers.has(steps);
    const repeated = points.filter(isRepeated);
    const fresh = points.filter((point) => !isRepeated(point));
    for (const [part, scope] of [
      [fresh, 'all'],
      [repeated, 'expiring'],
    ] as const) {
      for (let from = 0; from < part.length; from += maxPairs) {
        await queryAnswers(part.slice(from, from + maxPairs), scope);
      }
    }
  }

  async function queryAnswers(
    points: Array<ReplayPoint & { running: Running }>,
    scope: 'all' | 'expiring',
  ) {
    const pairs = points.map(({ running: { input }, steps, at }) => ({ input, steps, at }));
    const rows = plan.isEmpty ? undefined : await queryRows(db, plan.select(toPairs(pairs), scope));
    for (const [index, { running, steps, at }] of points.entries()) {
      const answered = rows ? requireValue(rows.get(index + 1)) : emptyRow;
      const earlier = running.answers.get(steps) ?? [];
      const row = { ...emptyRow, ...earlier[0]?.row, ...answered };
      const until = Math.min(Infinity, ...row.expiring.map(validUntil));
      running.answers.set(steps, [...earlier, { from: at, until, row }]);
    }
  }
}

function begin<Input extends EvaluationInput>(
  input: Input,
  rules: CompiledRules,
): EvaluationInProgress<Input> {
  const answers: EvaluationInProgress<Input>['answers'] = new Map();
  const known = ({ steps, at }: ReplayPoint) =>
    answers.get(steps)?.findLast(({ from, until }) => from <= at && at < until)?.row;
  return { input, answers, replaying: replay(input, rules, known) };
}

/** The points of all steps, and of the due time before the first step. */
function firstPoints({ steps, due, horizon }: EvaluationInput): ReplayPoint[] {
  const points = steps.map((step, index) => ({ steps: index + 1, at: step.at }));
  return due <= (steps[0]?.at ?? horizon) ? [{ steps: 0, at: due }, ...points] : points;
}

async function queryRows(db: Transaction, statement: Sql) {
  const { rows } = await db.query<Partial<AnsweredRow> & { ordinal: string | number }>(statement);
  return new Map(rows.map((row): [number, Partial<AnsweredRow>] => [Number(row.ordinal), row]));
}

function requireValue<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The customer does not exist');
  return value;
}
