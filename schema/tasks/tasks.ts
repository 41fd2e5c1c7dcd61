import { type FoundTask, findTasks } from '../../src/domains/tasks/find-tasks.ts';
import { type TaskState, WrongTaskState } from '../../src/domains/tasks/task-state.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { pageCost } from '../kernel/cost.ts';
import { Refusal } from '../kernel/errors.ts';
import { parseUuid, uuidPattern } from '../kernel/global-id.ts';
import {
  afterArg,
  firstArg,
  type PageArgs,
  pageSize,
  parsePlace,
  ticksPattern,
  toConnection,
} from '../kernel/page.ts';
import { leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import { requireMemberId } from '../members/member.ts';
import { OwnerInput, toOwnerIds } from '../members/owner.ts';
import { keptTask, Task, TaskStateType } from './task.ts';

builder.objectType(WrongTaskState, {
  name: 'WrongTaskState',
  authScopes: coveredByMutation,
  description: 'A task in that state cannot be dealt with in this way.',
  interfaces: [Refusal],
  fields: (t) => ({
    state: t.expose('state', { type: TaskStateType, description: 'The state the task is in.' }),
  }),
});

interface TasksArgs extends PageArgs {
  team?: string | null | undefined;
  assignee?: string | null | undefined;
  state?: readonly TaskState[] | null | undefined;
}

async function readTasks(ctx: RequestContext, args: TasksArgs): Promise<FoundTask[]> {
  const teamId = args.team == null ? undefined : parseUuid('Team', args.team);
  const assigneeId = args.assignee == null ? undefined : parseUuid('Member', args.assignee);
  const isNobodys =
    (args.team != null && teamId === undefined) ||
    (args.assignee != null && assigneeId === undefined);
  const [ticks = '', id = ''] =
    args.after == null ? [] : parsePlace('tasks', args.after, [ticksPattern, uuidPattern]);
  const limit = pageSize(args).size + 1;
  if (isNobodys) return [];
  return findTasks(ctx.tx, ctx.workspaceId, {
    teamId,
    assigneeId,
    states: args.state ?? undefined,
    after: args.after == null ? undefined : { ticks, id },
    limit,
  });
}

const TaskConnection = builder.connectionObject({ type: Task, name: 'TaskConnection' });

builder.queryField('tasks', (t) =>
  t.field({
    type: TaskConnection,
    description:
      'The tasks of the workspace: the one due first comes first, those without a due time last.',
    complexity: pageCost,
    args: {
      team: t.arg.id({ description: 'Only of this team.' }),
      assignee: t.arg.id({ description: 'Only of this member.' }),
      state: t.arg({
        type: [TaskStateType],
        description: 'In any of these states; in all of them when absent.',
      }),
      first: t.arg.int(firstArg),
      after: t.arg.string(afterArg),
    },
    resolve: async (_root, args, ctx) => {
      const found = await readTasks(ctx, args);
      const rows = await Promise.all(
        found.map(async ({ id, ticks }) => ({ ticks, task: await keptTask(ctx, id) })),
      );
      const placeOf = ({ ticks, task }: (typeof rows)[number]) => [ticks.toString(), task.id];
      const { edges, pageInfo } = toConnection({ list: 'tasks', rows, args, placeOf });
      return { pageInfo, edges: edges.map(({ cursor, node }) => ({ cursor, node: node.task })) };
    },
  }),
);

const TaskPayload = builder.objectRef<{ id: string }>('TaskPayload').implement({
  authScopes: coveredByMutation,
  description: 'The task as it is now.',
  fields: (t) => ({
    task: t.field({ type: Task, resolve: ({ id }, _args, ctx) => keptTask(ctx, id) }),
  }),
});

function requireTaskId(text: string): string {
  const id = parseUuid('Task', text);
  if (id === undefined) throw new NotFound('task');
  return id;
}

builder.mutationFields((t) => ({
  acceptTask: t.field({
    type: TaskPayload,
    description: 'A member accepts an open task and answers for it from now on.',
    authScopes: { write: true },
    errors: { types: [NotFound, WrongTaskState] },
    args: {
      task: t.arg.id({ required: true }),
      member: t.arg.id({ required: true, description: 'Who accepts it: any member may.' }),
    },
    resolve: async (_root, { task, member }, ctx) => {
      const id = requireTaskId(task);
      const memberId = requireMemberId(member);
      await leaveSnapshot(ctx);
      await ctx.services.tasks.accept(ctx.workspaceId, id, { memberId, now: ctx.now() });
      return { id };
    },
  }),
  completeTask: t.field({
    type: TaskPayload,
    description: 'An accepted task has been done.',
    authScopes: { write: true },
    errors: { types: [NotFound, WrongTaskState] },
    args: { task: t.arg.id({ required: true }) },
    resolve: async (_root, { task }, ctx) => {
      const id = requireTaskId(task);
      await leaveSnapshot(ctx);
      await ctx.services.tasks.complete(ctx.workspaceId, id, { now: ctx.now() });
      return { id };
    },
  }),
  cancelTask: t.field({
    type: TaskPayload,
    description: 'An open or accepted task is not to be done.',
    authScopes: { write: true },
    errors: { types: [NotFound, WrongTaskState, InvalidInput] },
    args: {
      task: t.arg.id({ required: true }),
      reason: t.arg.string({ description: 'For people: why.' }),
    },
    resolve: async (_root, { task, reason }, ctx) => {
      const id = requireTaskId(task);
      await leaveSnapshot(ctx);
      const how = { reason: reason ?? undefined, now: ctx.now() };
      await ctx.services.tasks.cancel(ctx.workspaceId, id, how);
      return { id };
    },
  }),
  assignTask: t.field({
    type: TaskPayload,
    description:
      'Gives an open or accepted task to a member, or over to a team: that team has to accept it anew.',
    authScopes: { write: true },
    errors: { types: [NotFound, WrongTaskState] },
    args: {
      task: t.arg.id({ required: true }),
      to: t.arg({ type: OwnerInput, required: true }),
    },
    resolve: async (_root, { task, to }, ctx) => {
      const id = requireTaskId(task);
      const owner = toOwnerIds(to);
      await leaveSnapshot(ctx);
      await ctx.services.tasks.assign(ctx.workspaceId, id, owner);
      return { id };
    },
  }),
}));
