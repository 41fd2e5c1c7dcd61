import {
  acceptTask,
  assignTask,
  cancelTask,
  completeTask,
} from '../../src/domains/tasks/change-tasks.ts';
import { type FoundTask, findTasks } from '../../src/domains/tasks/find-tasks.ts';
import { type TaskState, WrongTaskState } from '../../src/domains/tasks/task-state.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { pageCost } from '../kernel/cost.ts';
import { Refusal } from '../kernel/errors.ts';
import { parseUuid, requireUuid, uuidPattern } from '../kernel/global-id.ts';
import { addMutation, definePayload } from '../kernel/mutation.ts';
import {
  afterArg,
  firstArg,
  type PageArgs,
  pageSize,
  parsePageCursor,
  ticksPattern,
  toConnection,
} from '../kernel/page.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import { OwnerInput, toOwnerIds } from '../members/owner.ts';
import { keptTask, Task, TaskStateType } from './task.ts';

builder.objectType(WrongTaskState, {
  name: 'WrongTaskState',
  authScopes: coveredByMutation,
  description: 'The operation is not possible in the present state of the task.',
  interfaces: [Refusal],
  fields: (t) => ({
    state: t.expose('state', {
      type: TaskStateType,
      description: 'The present state of the task.',
    }),
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
  const isUnknown =
    (args.team != null && teamId === undefined) ||
    (args.assignee != null && assigneeId === undefined);
  const after = parsePageCursor('tasks', args.after, [ticksPattern, uuidPattern]);
  const limit = pageSize(args).size + 1;
  if (isUnknown) return [];
  return findTasks(ctx.tx, ctx.workspaceId, {
    teamId,
    assigneeId,
    states: args.state ?? undefined,
    after: after && { ticks: after[0], id: after[1] },
    limit,
  });
}

const TaskConnection = builder.connectionObject({ type: Task, name: 'TaskConnection' });

builder.queryField('tasks', (t) =>
  t.field({
    type: TaskConnection,
    description:
      'The tasks of the workspace, sorted by due time. Tasks without a due time come last.',
    complexity: pageCost,
    args: {
      team: t.arg.id({ description: 'Only tasks of this team.' }),
      assignee: t.arg.id({ description: 'Only tasks assigned to this member.' }),
      state: t.arg({
        type: [TaskStateType],
        description: 'Only tasks in these states. Default: all.',
      }),
      first: t.arg.int(firstArg),
      after: t.arg.string(afterArg),
    },
    resolve: async (_root, args, ctx) => {
      const found = await readTasks(ctx, args);
      const rows = await Promise.all(
        found.map(async ({ id, ticks }) => ({ ticks, task: await keptTask(ctx, id) })),
      );
      const sortKeyOf = ({ ticks, task }: (typeof rows)[number]) => [ticks.toString(), task.id];
      const { edges, pageInfo } = toConnection({ list: 'tasks', rows, args, sortKeyOf });
      return { pageInfo, edges: edges.map(({ cursor, node }) => ({ cursor, node: node.task })) };
    },
  }),
);

const TaskPayload = definePayload<{ id: string }>(
  'TaskPayload',
  'The task in its present state.',
  (t) => ({ task: t.field({ type: Task, resolve: ({ id }, _args, ctx) => keptTask(ctx, id) }) }),
);

addMutation('acceptTask', {
  type: TaskPayload,
  description: 'Accepts an open task on behalf of a member, who becomes its assignee.',
  errors: [NotFound, WrongTaskState],
  args: (arg) => ({
    task: arg.id({ required: true }),
    member: arg.id({ required: true, description: 'The member who accepts it. Any member may.' }),
  }),
  parse: ({ task, member }) => ({
    id: requireUuid('Task', task),
    memberId: requireUuid('Member', member),
  }),
  write: (db, request, { now }) => acceptTask(db, request, now()),
});

addMutation('completeTask', {
  type: TaskPayload,
  description: 'Marks an accepted task as done.',
  errors: [NotFound, WrongTaskState],
  args: (arg) => ({ task: arg.id({ required: true }) }),
  parse: ({ task }) => ({ id: requireUuid('Task', task) }),
  write: (db, { id }, { now }) => completeTask(db, id, now()),
});

addMutation('cancelTask', {
  type: TaskPayload,
  description: 'Cancels an open or accepted task.',
  errors: [NotFound, WrongTaskState, InvalidInput],
  args: (arg) => ({
    task: arg.id({ required: true }),
    reason: arg.string({ description: 'The reason, shown to users.' }),
  }),
  parse: ({ task, reason }) => ({ id: requireUuid('Task', task), reason: reason ?? undefined }),
  write: (db, request, { now }) => cancelTask(db, request, now()),
});

addMutation('assignTask', {
  type: TaskPayload,
  description:
    'Assigns an open or accepted task to a member or a team. A new team has to accept it again.',
  errors: [NotFound, WrongTaskState],
  args: (arg) => ({
    task: arg.id({ required: true }),
    to: arg({ type: OwnerInput, required: true }),
  }),
  parse: ({ task, to }) => ({ id: requireUuid('Task', task), owner: toOwnerIds(to) }),
  write: assignTask,
});
