import type { Task as TaskRow } from '../../prisma/generated/client.ts';
import { recentTasks } from '../../src/domains/tasks/find-tasks.ts';
import { type TaskState, taskStates } from '../../src/domains/tasks/task-state.ts';
import { Customer } from '../customers/customer.ts';
import { survivorOf } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { pageCost } from '../kernel/cost.ts';
import { addUuidNode } from '../kernel/node.ts';
import { firstArg, requireSize } from '../kernel/page.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { lifecycleOf, stageOf } from '../lifecycles/catalogue.ts';
import { Lifecycle, Stage } from '../lifecycles/lifecycle.ts';
import { Member, memberOf } from '../members/member.ts';
import { Team, teamOf } from '../members/team.ts';

export const TaskStateType = builder.enumType('TaskState', {
  description:
    'How far a task has got: it is OPEN until a member accepts it, ACCEPTED until it is DONE or CANCELLED.',
  values: taskStates,
});

/** Nobody has accepted it, though somebody should have by now. */
const isOverdue = ({ state, dueAt }: TaskRow, now: Date) =>
  state === 'OPEN' && dueAt !== null && dueAt < now;

export const Task = builder.prismaNode('Task', {
  description:
    'A customer was handed over: it came into a stage that another team answers for than the stage it left. The task stays, whether or not the customer goes on to another stage before anybody accepts it.',
  id: { resolve: ({ id }) => id },
  findUnique: (id, { workspaceId }) => ({ workspaceId_id: { workspaceId, id } }),
  fields: (t) => ({
    title: t.exposeString('title', { description: 'For people, in the words of its beginning.' }),
    // Nothing else is written into the column.
    state: t.field({ type: TaskStateType, resolve: ({ state }) => state as TaskState }),
    customer: t.field({
      type: Customer,
      description: 'Whose it is now: after a merge, the survivor.',
      resolve: ({ customerId }, _args, ctx) => survivorOf(ctx, customerId),
    }),
    lifecycle: t.field({
      type: Lifecycle,
      resolve: ({ lifecycleId }, _args, ctx) => lifecycleOf(ctx, lifecycleId),
    }),
    stage: t.field({
      type: Stage,
      nullable: true,
      description: 'The stage it came into; null if the lifecycle has it no more.',
      resolve: async ({ lifecycleId, stageKey }, _args, ctx) =>
        (await stageOf(ctx, lifecycleId, stageKey)) ?? null,
    }),
    enteredAt: t.expose('transitionAt', {
      type: 'DateTime',
      description: 'When the customer came into the stage.',
    }),
    fromTeam: t.field({
      type: Team,
      nullable: true,
      description: 'The team that had the customer before; null if none had.',
      resolve: ({ fromTeamId }, _args, ctx) => teamOf(ctx, fromTeamId),
    }),
    team: t.field({
      type: Team,
      nullable: true,
      description: 'Whose task it is; null where the owner is a member of no team.',
      resolve: ({ teamId }, _args, ctx) => teamOf(ctx, teamId),
    }),
    assignee: t.field({
      type: Member,
      nullable: true,
      description: 'Who is to do it; null for anybody of the team.',
      resolve: ({ assigneeId }, _args, ctx) => memberOf(ctx, assigneeId),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    dueAt: t.expose('dueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'By when it is to be accepted; null where the stage sets no time for that.',
    }),
    overdue: t.boolean({
      description: 'Still open although it is past `dueAt`.',
      resolve: (task, _args, { now }) => isOverdue(task, now()),
    }),
    acceptedAt: t.expose('acceptedAt', { type: 'DateTime', nullable: true }),
    acceptedBy: t.field({
      type: Member,
      nullable: true,
      resolve: ({ acceptedById }, _args, ctx) => memberOf(ctx, acceptedById),
    }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was done or cancelled.',
    }),
    cancelReason: t.exposeString('cancelReason', { nullable: true }),
  }),
});

const loadTask = createBatch<TaskRow>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.task.findMany({ where: { workspaceId, id: { in: [...ids] } } });
  return new Map(rows.map((row) => [row.id, row]));
});

const findTask = (ctx: RequestContext, id: string) => loadTask(ctx, id, undefined);

addUuidNode('Task', findTask);

/** For an id that this operation has read or written. @throws Error when the database lost that task. */
export async function keptTask(ctx: RequestContext, id: string): Promise<TaskRow> {
  const found = await findTask(ctx, id);
  if (!found) throw new Error(`Task ${id} is referred to, yet does not exist`);
  return found;
}

const loadRecent = createBatch<Array<{ id: string }>, { limit: number }>(
  ({ tx, workspaceId }, owners, { limit }) => recentTasks(tx, workspaceId, { owners, limit }),
);

builder.prismaObjectField('Customer', 'tasks', (t) =>
  t.field({
    type: [Task],
    description:
      'Its tasks, the newest first, whatever their state, those of customers merged into it included.',
    complexity: pageCost,
    args: { first: t.arg.int(firstArg) },
    resolve: async ({ id }, { first }, ctx) => {
      const limit = requireSize('first', first ?? firstArg.defaultValue);
      const found = (await loadRecent(ctx, id, { limit })) ?? [];
      return Promise.all(found.map((task) => keptTask(ctx, task.id)));
    },
  }),
);
