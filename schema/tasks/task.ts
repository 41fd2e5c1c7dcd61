import type { Task as TaskRow } from '../../prisma/generated/client.ts';
import { recentTasks } from '../../src/domains/tasks/find-tasks.ts';
import { type TaskState, taskStates } from '../../src/domains/tasks/task-state.ts';
import { Customer } from '../customers/customer.ts';
import { survivorOf } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { pageCost } from '../kernel/cost.ts';
import { addUuidNode, keyedById } from '../kernel/node.ts';
import { firstArg, requireSize } from '../kernel/page.ts';
import { createBatch, createRowBatch } from '../kernel/per-operation.ts';
import { lifecycleOf, stageOf } from '../lifecycles/catalogue.ts';
import { Lifecycle, Stage } from '../lifecycles/lifecycle.ts';
import { findMember, Member } from '../members/member.ts';
import { findTeam, Team } from '../members/team.ts';

export const TaskStateType = builder.enumType('TaskState', {
  description:
    'The state of a task: OPEN until a member accepts it, then ACCEPTED until it is DONE or CANCELLED.',
  values: taskStates,
});

const isOverdue = ({ state, dueAt }: TaskRow, now: Date) =>
  state === 'OPEN' && dueAt !== null && dueAt < now;

export const Task = builder.prismaNode('Task', {
  description:
    'The handover of a customer, created when a customer moves to a stage owned by another team. The task is kept even if the customer moves on before it is accepted.',
  ...keyedById,
  fields: (t) => ({
    title: t.exposeString('title', {
      description: 'A title for display, as of the creation of the task.',
    }),
    // The column holds these values only.
    state: t.field({ type: TaskStateType, resolve: ({ state }) => state as TaskState }),
    customer: t.field({
      type: Customer,
      description: 'The customer; after a merge, the surviving customer.',
      resolve: ({ customerId }, _args, ctx) => survivorOf(ctx, customerId),
    }),
    lifecycle: t.field({
      type: Lifecycle,
      resolve: ({ lifecycleId }, _args, ctx) => lifecycleOf(ctx, lifecycleId),
    }),
    stage: t.field({
      type: Stage,
      nullable: true,
      description: 'The entered stage. Null if the lifecycle no longer has it.',
      resolve: ({ lifecycleId, stageKey }, _args, ctx) => stageOf(ctx, lifecycleId, stageKey),
    }),
    enteredAt: t.expose('transitionAt', {
      type: 'DateTime',
      description: 'When the customer entered the stage.',
    }),
    fromTeam: t.field({
      type: Team,
      nullable: true,
      description: 'The team that owned the previous stage, if any.',
      resolve: ({ fromTeamId }, _args, ctx) => findTeam(ctx, fromTeamId),
    }),
    team: t.field({
      type: Team,
      nullable: true,
      description: 'The responsible team. Null if the owner is a member without a team.',
      resolve: ({ teamId }, _args, ctx) => findTeam(ctx, teamId),
    }),
    assignee: t.field({
      type: Member,
      nullable: true,
      description: 'The assigned member. Null if any member of the team may accept it.',
      resolve: ({ assigneeId }, _args, ctx) => findMember(ctx, assigneeId),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    dueAt: t.expose('dueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the task must be accepted. Null if the stage has no `acceptWithin`.',
    }),
    overdue: t.boolean({
      description: 'True if the task is open after `dueAt`.',
      resolve: (task, _args, { now }) => isOverdue(task, now()),
    }),
    acceptedAt: t.expose('acceptedAt', { type: 'DateTime', nullable: true }),
    acceptedBy: t.field({
      type: Member,
      nullable: true,
      resolve: ({ acceptedById }, _args, ctx) => findMember(ctx, acceptedById),
    }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the task was done or cancelled.',
    }),
    cancelReason: t.exposeString('cancelReason', { nullable: true }),
  }),
});

const findTask = createRowBatch((tx, where) => tx.task.findMany({ where }));

addUuidNode('Task', findTask);

/** The task of an id from the database. @throws Error if it does not exist */
export async function keptTask(ctx: RequestContext, id: string): Promise<TaskRow> {
  const found = await findTask(ctx, id);
  if (!found) throw new Error(`Task ${id} is referenced but does not exist`);
  return found;
}

const loadRecent = createBatch<Array<{ id: string }>, [{ limit: number }]>(
  ({ tx, workspaceId }, owners, { limit }) => recentTasks(tx, workspaceId, { owners, limit }),
);

builder.prismaObjectField('Customer', 'tasks', (t) =>
  t.field({
    type: [Task],
    description:
      'The tasks of the customer and of those merged into it in any state, newest first.',
    complexity: pageCost,
    args: { first: t.arg.int(firstArg) },
    resolve: async ({ id }, { first }, ctx) => {
      const limit = requireSize('first', first ?? firstArg.defaultValue);
      const found = (await loadRecent(ctx, id, { limit })) ?? [];
      return Promise.all(found.map((task) => keptTask(ctx, task.id)));
    },
  }),
);
