import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import { standsUntil } from './clause.ts';
import type { Condition } from './condition.ts';
import { loadStagePlacements, type PlacementsByCustomer } from './load-stage-placements.ts';
import { pastCustomers } from './past.ts';
import { compilePlan, type Plan } from './plan.ts';
import { type AnsweredRow, answerAt } from './tree.ts';

/** Of one customer at one instant. */
export interface Question {
  customerId: string;
  at: Date;
}

/** Whether the condition holds, and when that may next change by time alone: null for never. */
export interface TimedAnswer {
  holds: boolean;
  nextChangeAt: Date | null;
}

interface Asker {
  workspaceId: string;
  timeZone: string;
}

/**
 * Answers a condition for customers at instants, the present, the future if nothing happens, or the past:
 * what lies before a customer's latest evaluation is rebuilt from its events. One answer per question.
 */
export async function answer(
  sql: Sql,
  asker: Asker,
  condition: Condition,
  questions: readonly Question[],
): Promise<TimedAnswer[]> {
  const reached = await loadReached(sql, asker.workspaceId, questions);
  const isPast = ({ customerId, at }: Question) => at.getTime() < (reached.get(customerId) ?? 0);
  const answers = new Map<Question, TimedAnswer>();
  await answerStored(
    sql,
    asker,
    condition,
    questions.filter((one) => !isPast(one)),
    answers,
  );
  for (const [time, asked] of Map.groupBy(questions.filter(isPast), ({ at }) => at.getTime())) {
    await answerPast(sql, asker, condition, { at: new Date(time), asked }, answers);
  }
  const nobody = { holds: false, nextChangeAt: null };
  return questions.map((question) => answers.get(question) ?? nobody);
}

async function loadReached(sql: Sql, workspaceId: string, questions: readonly Question[]) {
  const ids = [...new Set(questions.map(({ customerId }) => customerId))];
  const { rows } = await sql.query<{ id: string; at: Date }>(
    'select id, evaluated_at as at from customer where workspace_id = $1::uuid and id = any($2::uuid[])',
    [workspaceId, ids],
  );
  return new Map(rows.map(({ id, at }) => [id, at.getTime()]));
}

type Answers = Map<Question, TimedAnswer>;

async function answerStored(
  sql: Sql,
  asker: Asker,
  condition: Condition,
  asked: Question[],
  answers: Answers,
) {
  if (asked.length === 0) return;
  const plan = compilePlan([condition], { ...asker, source: 'stored' });
  const relation = storedPairs(asker.workspaceId, asked);
  const placements = await loadStagePlacements(sql, asker.workspaceId, idsOf(asked));
  await answerRows(sql, { plan, relation, placements, asked, ...asker }, answers);
}

async function answerPast(
  sql: Sql,
  asker: Asker,
  condition: Condition,
  { at, asked }: { at: Date; asked: Question[] },
  answers: Answers,
) {
  const ids = idsOf(asked);
  const plan = compilePlan([condition], { ...asker, source: 'past' });
  const customers = pastCustomers({ ...asker, ids, upTo: at });
  const relation = Prisma.sql`(
    select past.*, q.ordinal from ${customers} as past
    join unnest(${asked.map(({ customerId }) => customerId)}::uuid[]) with ordinality
      as q (asked_id, ordinal) on q.asked_id = past.customer_id) as s`;
  const placements = await loadStagePlacements(sql, asker.workspaceId, ids, at);
  await answerRows(sql, { plan, relation, placements, asked, ...asker }, answers);
}

const idsOf = (asked: Question[]) => [...new Set(asked.map(({ customerId }) => customerId))];

/**
 * Customers as they are stored, each at an instant; several of one customer are several rows. "offset 0"
 * keeps the planner from reading all customers as long as it has no statistics.
 */
export const storedPairs = (workspaceId: string, asked: readonly Question[]) => Prisma.sql`(
  select c.*, c.id as customer_id, q.at, q.ordinal
  from unnest(${asked.map(({ customerId }) => customerId)}::uuid[],
    ${asked.map(({ at }) => at)}::timestamptz[]) with ordinality as q (asked_id, at, ordinal)
  cross join lateral (select * from customer
    where workspace_id = ${workspaceId}::uuid and id = q.asked_id offset 0) as c) as s`;

async function answerRows(
  sql: Sql,
  asked: {
    plan: Plan;
    relation: Prisma.Sql;
    placements: PlacementsByCustomer;
    asked: Question[];
    timeZone: string;
  },
  answers: Answers,
) {
  const { text, values } = asked.plan.select(asked.relation, 'all');
  const { rows } = await sql.query<AnsweredRow & { ordinal: string }>(text, values);
  const [tree] = asked.plan.trees;
  for (const row of rows) {
    const question = asked.asked[Number(row.ordinal) - 1];
    if (!question || !tree) throw new Error('An answer belongs to no question');
    const said = answerAt(tree, row, {
      at: question.at.getTime(),
      timeZone: asked.timeZone,
      placementIn: (ruleSetId) => asked.placements.get(question.customerId)?.get(ruleSetId),
    });
    const until = Number.isFinite(said) ? new Date(standsUntil(said)) : null;
    answers.set(question, { holds: said > 0, nextChangeAt: until });
  }
}
