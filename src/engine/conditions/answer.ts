import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { validUntil } from './clause.ts';
import type { Condition } from './condition.ts';
import { loadStagePlacements, type PlacementsByCustomer } from './load-stage-placements.ts';
import { selectPastCustomers } from './past.ts';
import { compilePlan, type Plan } from './plan.ts';
import { type AnsweredRow, answerAt } from './tree.ts';

/** A customer, and the instant for which a condition is answered. */
export interface CustomerInstant {
  customerId: string;
  at: Date;
}

/** Whether the condition holds, and when time alone may next change that; null for never. */
export interface TimedAnswer {
  holds: boolean;
  nextChangeAt: Date | null;
}

interface WorkspaceOptions {
  workspaceId: string;
  timeZone: string;
}

/**
 * Answers a condition for customers at instants. For the present and the future it uses the stored customer and
 * assumes no further events; for instants before the customer's latest evaluation it rebuilds the customer from
 * its events. Returns one answer per question. Decision 0007.
 */
export async function answerCondition(
  db: Transaction,
  workspace: WorkspaceOptions,
  condition: Condition,
  questions: readonly CustomerInstant[],
): Promise<TimedAnswer[]> {
  const evaluatedAt = await loadEvaluatedAt(db, questions);
  const isPast = ({ customerId, at }: CustomerInstant) =>
    at.getTime() < (evaluatedAt.get(customerId) ?? 0);
  const answers = new Map<CustomerInstant, TimedAnswer>();
  await answerStored(
    db,
    workspace,
    condition,
    questions.filter((one) => !isPast(one)),
    answers,
  );
  for (const [time, group] of Map.groupBy(questions.filter(isPast), ({ at }) => at.getTime())) {
    await answerPast(db, workspace, condition, { at: new Date(time), questions: group }, answers);
  }
  const noCustomer = { holds: false, nextChangeAt: null };
  return questions.map((question) => answers.get(question) ?? noCustomer);
}

async function loadEvaluatedAt(db: Transaction, questions: readonly CustomerInstant[]) {
  const ids = [...new Set(questions.map(({ customerId }) => customerId))];
  const { rows } = await db.query<{ id: string; at: Date }>(sql`
    select id, evaluated_at as at from customer
      where workspace_id = ${db.workspaceId}::uuid and id = any(${ids}::uuid[])`);
  return new Map(rows.map(({ id, at }) => [id, at.getTime()]));
}

type Answers = Map<CustomerInstant, TimedAnswer>;

async function answerStored(
  db: Transaction,
  workspace: WorkspaceOptions,
  condition: Condition,
  questions: CustomerInstant[],
  answers: Answers,
) {
  if (questions.length === 0) return;
  const plan = compilePlan([condition], { ...workspace, source: 'stored' });
  const relation = storedPairs(workspace.workspaceId, questions);
  const placements = await loadStagePlacements(db, idsOf(questions));
  await answerRows(db, { plan, relation, placements, questions, ...workspace }, answers);
}

async function answerPast(
  db: Transaction,
  workspace: WorkspaceOptions,
  condition: Condition,
  { at, questions }: { at: Date; questions: CustomerInstant[] },
  answers: Answers,
) {
  const ids = idsOf(questions);
  const plan = compilePlan([condition], { ...workspace, source: 'past' });
  const customers = selectPastCustomers({ ...workspace, ids, upTo: at });
  const relation = sql`(
    select past.*, q.ordinal from ${customers} as past
    join unnest(${questions.map(({ customerId }) => customerId)}::uuid[]) with ordinality
      as q (requested_id, ordinal) on q.requested_id = past.customer_id) as s`;
  const placements = await loadStagePlacements(db, ids, at);
  await answerRows(db, { plan, relation, placements, questions, ...workspace }, answers);
}

const idsOf = (questions: CustomerInstant[]) => [
  ...new Set(questions.map(({ customerId }) => customerId)),
];

/**
 * Selects stored customers, one row per question. "offset 0" keeps the planner from reading all customers while it
 * has no statistics.
 */
export const storedPairs = (workspaceId: string, questions: readonly CustomerInstant[]) => sql`(
  select c.*, c.id as customer_id, q.at, q.ordinal
  from unnest(${questions.map(({ customerId }) => customerId)}::uuid[],
    ${questions.map(({ at }) => at)}::timestamptz[]) with ordinality as q (requested_id, at, ordinal)
  cross join lateral (select * from customer
    where workspace_id = ${workspaceId}::uuid and id = q.requested_id offset 0) as c) as s`;

async function answerRows(
  db: Transaction,
  query: {
    plan: Plan;
    relation: Sql;
    placements: PlacementsByCustomer;
    questions: CustomerInstant[];
    timeZone: string;
  },
  answers: Answers,
) {
  const { rows } = await db.query<AnsweredRow & { ordinal: string }>(
    query.plan.select(query.relation, 'all'),
  );
  const [tree] = query.plan.trees;
  for (const row of rows) {
    const question = query.questions[Number(row.ordinal) - 1];
    if (!question || !tree) throw new Error('The row does not match a question');
    const answered = answerAt(tree, row, {
      at: question.at.getTime(),
      timeZone: query.timeZone,
      placementIn: (ruleSetId) => query.placements.get(question.customerId)?.get(ruleSetId),
    });
    const until = Number.isFinite(answered) ? new Date(validUntil(answered)) : null;
    answers.set(question, { holds: answered > 0, nextChangeAt: until });
  }
}
