import { beforeEach, describe, expect, it } from 'vitest';
import { handOver, setStageOwner } from '../../support/hand-over.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import {
  addCustomer,
  addMember,
  addTeam,
  change,
  changeTask,
  onlyTask,
  readTasks,
  type StaffRefusal,
  type TaskRow,
} from '../../support/teams-and-tasks.ts';

const server = useServer();
let workspace: TestWorkspace;

beforeEach(async () => {
  server.clock.now = undefined;
  workspace = await newWorkspace(server);
});

describe('a hand-off', () => {
  it("creates a task for the team of the stage, due after the stage's acceptWithin", async () => {
    server.clock.now = new Date('2026-03-10T12:00:00Z');
    const marketing = await addTeam(workspace, 'Marketing');
    const sales = await addTeam(workspace, 'Sales');
    const customer = await addCustomer(workspace, 'u1');
    await setStageOwner(server, workspace, 'CONVERSION', { team: marketing });
    await setStageOwner(server, workspace, 'RETENTION', { team: sales, acceptWithin: 'PT4H' });

    await handOver(server, workspace, [{ customer, from: 'CONVERSION', to: 'RETENTION' }]);

    expect(await onlyTask(workspace)).toMatchObject({
      title: 'Take over in Retention from Marketing',
      state: 'OPEN',
      dueAt: '2026-03-10T16:00:00.000Z',
      overdue: false,
      customer: { userId: 'u1' },
      team: { name: 'Sales' },
      fromTeam: { name: 'Marketing' },
      assignee: null,
    });
  });

  it("to a member creates a task of the member's first team", async () => {
    const ada = await addMember(workspace, 'ada');
    await addTeam(workspace, 'Zebra', [ada]);
    await addTeam(workspace, 'alpha', [ada]);
    const customer = await addCustomer(workspace, 'u1');
    await setStageOwner(server, workspace, 'RETENTION', { member: ada });

    await handOver(server, workspace, [{ customer, to: 'RETENTION' }]);

    expect(await onlyTask(workspace)).toMatchObject({
      team: { name: 'alpha' },
      assignee: { name: 'ada' },
    });
  });

  it('to a member of the same team creates no task', async () => {
    const ada = await addMember(workspace, 'ada');
    const sales = await addTeam(workspace, 'Sales', [ada]);
    const customer = await addCustomer(workspace, 'u1');
    await setStageOwner(server, workspace, 'CONVERSION', { team: sales });
    await setStageOwner(server, workspace, 'RETENTION', { member: ada });

    await handOver(server, workspace, [{ customer, from: 'CONVERSION', to: 'RETENTION' }]);

    expect(await readTasks(workspace)).toEqual([]);
  });

  it('reported twice creates one task, and another when the customer enters again', async () => {
    const sales = await addTeam(workspace, 'Sales');
    const customer = await addCustomer(workspace, 'u1');
    await setStageOwner(server, workspace, 'RETENTION', { team: sales });
    const first = { customer, to: 'RETENTION', at: new Date(Date.now() - 60_000) };
    const again = { ...first, at: new Date() };

    await handOver(server, workspace, [first, first]);
    await handOver(server, workspace, [first, again]);

    expect(await readTasks(workspace)).toHaveLength(2);
  });

  it.each([
    ['of an imported event', { at: new Date('2020-01-01T00:00:00Z') }],
    ['by a change of the rules', { cause: 'DEFINITION' as const }],
  ])('%s creates no task', async (_what, how) => {
    const sales = await addTeam(workspace, 'Sales');
    const customer = await addCustomer(workspace, 'u1');
    await setStageOwner(server, workspace, 'RETENTION', { team: sales });

    await handOver(server, workspace, [{ customer, to: 'RETENTION', ...how }]);

    expect(await readTasks(workspace)).toEqual([]);
  });
});

describe('events', () => {
  const order = (userId: string, timestamp?: string) => ({
    type: 'track',
    userId,
    event: 'Order Completed',
    properties: { total: 10 },
    ...(timestamp !== undefined && { timestamp }),
  });

  it("create a task when they move a customer into another team's stage", async () => {
    const marketing = await addTeam(workspace, 'Marketing');
    const sales = await addTeam(workspace, 'Sales');
    await setStageOwner(server, workspace, 'CONVERSION', { team: marketing });
    await setStageOwner(server, workspace, 'RETENTION', { team: sales });

    await workspace.send([order('u1'), order('u2')]);
    await workspace.send([order('u1')]);

    expect(await readTasks(workspace, `(team: "${sales}")`)).toMatchObject([
      { title: 'Take over in Retention from Marketing', customer: { userId: 'u1' } },
    ]);
    expect(await readTasks(workspace, `(team: "${marketing}")`)).toHaveLength(2);
  });

  it('create a task in a lifecycle whose owners were set together with its rules', async () => {
    const marketing = await addTeam(workspace, 'Marketing');
    const sales = await addTeam(workspace, 'Sales');
    await change(
      workspace,
      `createLifecycle(key: "SERVICE", name: "Service", stages: [
        { key: "LEAD", name: "Lead", phase: ACQUISITION, entry: { all: [] },
          owner: { team: "${marketing}" } }
        { key: "BUYER", name: "Buyer", phase: CONVERSION, acceptWithin: "PT4H",
          entry: { fact: { orderCount: { atLeast: 1 } } }, owner: { team: "${sales}" } }
      ])`,
    );
    const build = async () => {
      const { lifecycle } = await workspace.query<{ lifecycle: { build: { state: string } } }>(
        '{ lifecycle(key: "SERVICE") { build { state } } }',
      );
      return lifecycle.build.state;
    };
    await expect.poll(build, { timeout: 20_000 }).toBe('DONE');

    await workspace.send([order('u1')]);

    const [task, ...more] = await readTasks(workspace);
    expect(more).toEqual([]);
    expect(task).toMatchObject({ title: 'Take over in Buyer', team: { name: 'Sales' } });
    expect(task?.dueAt).not.toBeNull();
  });

  it('create tasks for the team that owns the stage at that time', async () => {
    const ada = await addMember(workspace, 'ada');
    const sales = await addTeam(workspace, 'Sales', [ada]);
    await setStageOwner(server, workspace, 'CONVERSION', { member: ada });
    await workspace.send([order('u1')]);
    await change(workspace, `updateTeam(team: "${sales}", members: [])`);

    await workspace.send([order('u2')]);

    const tasks = await readTasks(workspace, `(assignee: "${ada}")`);
    const teamOf = new Map(tasks.map(({ customer, team }) => [customer.userId, team?.name]));
    expect(teamOf).toEqual(
      new Map([
        ['u1', 'Sales'],
        ['u2', undefined],
      ]),
    );
  });

  it('create no task for moves older than a day', async () => {
    const sales = await addTeam(workspace, 'Sales');
    await setStageOwner(server, workspace, 'CONVERSION', { team: sales });

    await workspace.send([order('u1', '2020-01-01T00:00:00Z')]);

    expect(await readTasks(workspace)).toEqual([]);
  });
});

const accepting = 'acceptTask(task: $id, member: $ada)';
const completing = 'completeTask(task: $id)';
const cancelling = 'cancelTask(task: $id)';

describe('a task', () => {
  let ada: string;
  let id: string;

  beforeEach(async () => {
    ada = await addMember(workspace, 'ada');
    const sales = await addTeam(workspace, 'Sales', [ada]);
    const customer = await addCustomer(workspace, 'u1');
    await setStageOwner(server, workspace, 'RETENTION', { team: sales, acceptWithin: 'PT4H' });
    await handOver(server, workspace, [{ customer, to: 'RETENTION' }]);
    ({ id } = await onlyTask(workspace));
  });

  const filledIn = (call: string) => call.replace('$id', `"${id}"`).replace('$ada', `"${ada}"`);
  const accept = () => changeTask(workspace, filledIn(accepting));

  it('is accepted by a member, who becomes its assignee, and completed', async () => {
    const accepted = await accept();
    const done = await changeTask(workspace, `completeTask(task: "${id}")`);

    const byAda = { acceptedBy: { name: 'ada' }, assignee: { name: 'ada' } };
    expect(accepted.task).toMatchObject({ state: 'ACCEPTED', ...byAda });
    expect(done.task).toMatchObject({ state: 'DONE', ...byAda });
  });

  it('is cancelled with a reason before or after acceptance', async () => {
    await accept();

    const { task } = await changeTask(
      workspace,
      `cancelTask(task: "${id}", reason: " moved away ")`,
    );

    expect(task).toMatchObject({ state: 'CANCELLED', cancelReason: 'moved away' });
  });

  it.each([
    ['accepted', 'twice', 'ACCEPTED', accepting, [accepting]],
    ['completed', 'before it is accepted', 'OPEN', completing, []],
    ['cancelled', 'after its completion', 'DONE', cancelling, [accepting, completing]],
    ['accepted', 'after its cancellation', 'CANCELLED', accepting, [cancelling]],
    [
      'assigned',
      'after its completion',
      'DONE',
      'assignTask(task: $id, to: { member: $ada })',
      [accepting, completing],
    ],
  ])(
    'cannot be %s %s: the refusal states that it is %s',
    async (_step, _when, state, call, before) => {
      for (const step of before) await changeTask(workspace, filledIn(step));

      const refused = await change<StaffRefusal & { state: string }>(
        workspace,
        filledIn(call),
        '... on WrongTaskState { state }',
      );

      expect(refused).toMatchObject({ code: 'TASK_STATE', state });
      expect(refused.message).toContain(`The task is ${state}`);
      expect(await onlyTask(workspace)).toMatchObject({ state });
    },
  );

  it('is accepted once by concurrent requests', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, accept));

    const names = answers.map(({ __typename }) => __typename);
    expect(names.filter((name) => name === 'TaskPayload')).toHaveLength(1);
    expect(names.filter((name) => name === 'WrongTaskState')).toHaveLength(5);
  });

  it('is reassigned to a member, or to a team that must accept it again', async () => {
    const grace = await addMember(workspace, 'grace');
    const care = await addTeam(workspace, 'Care');
    await accept();

    const given = await changeTask(
      workspace,
      `assignTask(task: "${id}", to: { member: "${grace}" })`,
    );
    const passed = await changeTask(
      workspace,
      `assignTask(task: "${id}", to: { team: "${care}" })`,
    );

    expect(given.task).toMatchObject({ state: 'ACCEPTED', assignee: { name: 'grace' } });
    expect(passed.task).toMatchObject({
      state: 'OPEN',
      assignee: null,
      acceptedBy: null,
      team: { name: 'Care' },
      fromTeam: { name: 'Sales' },
    });
  });

  it.each([
    ['member', (id: string) => `deleteMember(member: "${id}")`],
    ['team', (id: string) => `deleteTeam(team: "${id}")`],
  ])('is not assigned to a %s that is deleted concurrently', async (kind, deletion) => {
    for (let round = 0; round < 10; round += 1) {
      const add = kind === 'member' ? addMember : addTeam;
      const to = await add(workspace, `new${round}`);

      const [given, deleted] = await Promise.all([
        changeTask(workspace, `assignTask(task: "${id}", to: { ${kind}: "${to}" })`),
        change(workspace, deletion(to)),
      ]);

      const codes = [given.code, deleted.code];
      expect([
        [undefined, 'IN_USE'],
        ['NOT_FOUND', undefined],
      ]).toContainEqual(codes);
    }
  });

  it.each([
    ['accepted by a member', 'acceptTask(task: $id, member: $x)'],
    ['assigned to a member', 'assignTask(task: $id, to: { member: $x })'],
    ['assigned to a team', 'assignTask(task: $id, to: { team: $x })'],
  ])('cannot be %s that does not exist', async (_how, call) => {
    const given = call.replace('$id', `"${id}"`).replace('$x', `"${crypto.randomUUID()}"`);

    expect(await change(workspace, given)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is overdue when it was not accepted in time', async () => {
    const isOverdue = async () => (await onlyTask(workspace)).overdue;
    const before = await isOverdue();
    server.clock.now = new Date(Date.now() + 5 * 3_600_000);

    const after = await isOverdue();
    await accept();

    expect([before, after, await isOverdue()]).toEqual([false, true, false]);
  });

  it('stays open when the customer moves to another stage', async () => {
    const customer = await addCustomer(workspace, 'u1');

    await handOver(server, workspace, [{ customer, from: 'RETENTION', to: 'LOYALTY' }]);

    expect(await onlyTask(workspace)).toMatchObject({ id, state: 'OPEN' });
  });

  it('is found by its customer, and after a merge by the surviving customer', async () => {
    await workspace.send([
      { type: 'identify', userId: 'u2', traits: { name: 'Two' } },
      { type: 'alias', userId: 'u2', previousId: 'u1' },
    ]);

    const { customer } = await workspace.query<{
      customer: { name: string; tasks: Array<{ id: string; customer: { name: string } }> };
    }>('{ customer(by: { userId: "u1" }) { name tasks { id customer { name } } } }');

    expect(customer).toEqual({ name: 'Two', tasks: [{ id, customer: { name: 'Two' } }] });
  });

  it('is found by its id', async () => {
    const { node } = await workspace.query(`{ node(id: "${id}") { ... on Task { title } } }`);

    expect(node).toEqual({ title: 'Take over in Retention' });
  });
});

describe('the list of tasks', () => {
  it('is paged by due time, tasks without one last', async () => {
    const sales = await addTeam(workspace, 'Sales');
    const care = await addTeam(workspace, 'Care');
    await setStageOwner(server, workspace, 'RETENTION', { team: sales, acceptWithin: 'PT4H' });
    await setStageOwner(server, workspace, 'LOYALTY', { team: care });
    const now = Date.now();
    const moves = [];
    for (const [index, to] of [
      'LOYALTY',
      'RETENTION',
      'LOYALTY',
      'RETENTION',
      'RETENTION',
    ].entries()) {
      const customer = await addCustomer(workspace, `u${index}`);
      moves.push({ customer, to, at: new Date(now - index * 60_000) });
    }
    await handOver(server, workspace, moves);
    const all = await readTasks(workspace);

    const seen: string[] = [];
    for (let after = 'null', more = true; more; ) {
      const { tasks } = await workspace.query<{
        tasks: { nodes: TaskRow[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
      }>(
        `{ tasks(first: 2, after: ${after}) { nodes { id } pageInfo { endCursor hasNextPage } } }`,
      );
      seen.push(...tasks.nodes.map((task) => task.id));
      after = JSON.stringify(tasks.pageInfo.endCursor);
      more = tasks.pageInfo.hasNextPage;
    }

    expect(all.slice(0, 3).map(({ customer }) => customer.userId)).toEqual(['u4', 'u3', 'u1']);
    expect(all.slice(3).map(({ dueAt }) => dueAt)).toEqual([null, null]);
    expect(seen).toEqual(all.map(({ id }) => id));
  });

  it('is filtered by team, member and states', async () => {
    const ada = await addMember(workspace, 'ada');
    const sales = await addTeam(workspace, 'Sales');
    const care = await addTeam(workspace, 'Care');
    await setStageOwner(server, workspace, 'RETENTION', { team: sales });
    await setStageOwner(server, workspace, 'LOYALTY', { team: care });
    await handOver(server, workspace, [
      { customer: await addCustomer(workspace, 'u1'), to: 'RETENTION' },
      { customer: await addCustomer(workspace, 'u2'), to: 'LOYALTY' },
    ]);
    const [toSales] = await readTasks(workspace, `(team: "${sales}")`);
    await changeTask(workspace, `acceptTask(task: "${toSales?.id}", member: "${ada}")`);
    const of = async (args: string) =>
      (await readTasks(workspace, args)).map(({ customer }) => customer.userId).sort();

    expect(await of(`(team: "${care}")`)).toEqual(['u2']);
    expect(await of(`(assignee: "${ada}")`)).toEqual(['u1']);
    expect(await of('(state: OPEN)')).toEqual(['u2']);
    expect(await of('(state: [OPEN, ACCEPTED])')).toEqual(['u1', 'u2']);
    expect(await of(`(team: "${care}", state: DONE)`)).toEqual([]);
    expect(await of(`(team: "${ada}")`)).toEqual([]);
  });
});
