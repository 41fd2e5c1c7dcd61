import type { TestWorkspace } from './server.ts';

const refusal = '__typename ... on Refusal { code message }';

export interface StaffRefusal {
  __typename: string;
  code: string;
  message: string;
}

/** Runs one mutation and returns its payload. */
export async function change<Answer = StaffRefusal>(
  workspace: TestWorkspace,
  call: string,
  selection = '',
): Promise<Answer> {
  const data = await workspace.query<Record<string, Answer>>(
    `mutation { answer: ${call} { ${refusal} ${selection} } }`,
  );
  return data['answer'] as Answer;
}

/** Creates a member with an address derived from the name; returns the global id. */
export async function addMember(workspace: TestWorkspace, name: string): Promise<string> {
  const { member } = await change<{ member: { id: string } }>(
    workspace,
    `createMember(name: "${name}", email: "${name}@example.com")`,
    '... on MemberPayload { member { id } }',
  );
  return member.id;
}

/** Creates a team with the members; returns the global id. */
export async function addTeam(
  workspace: TestWorkspace,
  name: string,
  members: string[] = [],
): Promise<string> {
  const { team } = await change<{ team: { id: string } }>(
    workspace,
    `createTeam(name: "${name}", kind: SALES, members: ${JSON.stringify(members)})`,
    '... on TeamPayload { team { id } }',
  );
  return team.id;
}

/** Creates a customer by an event; returns the global id. */
export async function addCustomer(workspace: TestWorkspace, userId: string): Promise<string> {
  await workspace.send([{ type: 'page', userId }]);
  const { customer } = await workspace.query<{ customer: { id: string } }>(
    `{ customer(by: { userId: "${userId}" }) { id } }`,
  );
  return customer.id;
}

export interface TaskRow {
  id: string;
  title: string;
  state: string;
  dueAt: string | null;
  overdue: boolean;
  cancelReason: string | null;
  customer: { userId: string };
  team: { name: string } | null;
  fromTeam: { name: string } | null;
  assignee: { name: string } | null;
  acceptedBy: { name: string } | null;
}

const taskFields = `id title state dueAt overdue cancelReason customer { userId } team { name }
  fromTeam { name } assignee { name } acceptedBy { name }`;

export async function readTasks(workspace: TestWorkspace, args = ''): Promise<TaskRow[]> {
  const { tasks } = await workspace.query<{ tasks: { nodes: TaskRow[] } }>(
    `{ tasks${args} { nodes { ${taskFields} } } }`,
  );
  return tasks.nodes;
}

/** The workspace's only task. */
export async function onlyTask(workspace: TestWorkspace): Promise<TaskRow> {
  const [task, ...more] = await readTasks(workspace);
  if (!task || more.length > 0) throw new Error(`Expected exactly one task`);
  return task;
}

/** Runs a mutation of a task. */
export const changeTask = (workspace: TestWorkspace, call: string) =>
  change<StaffRefusal & { task: TaskRow }>(
    workspace,
    call,
    `... on TaskPayload { task { ${taskFields} } }`,
  );
