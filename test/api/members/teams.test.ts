import { beforeEach, describe, expect, it } from 'vitest';
import type { Database, Tx } from '../../../src/platform/database.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { handOver, setStageOwner } from '../../support/hand-over.ts';
import { ask } from '../../support/inspect.ts';
import { startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import {
  addCustomer,
  addMember,
  addTeam,
  change,
  changeTask,
  onlyTask,
  type StaffRefusal,
} from '../../support/teams-and-tasks.ts';

const server = useServer();
let workspace: TestWorkspace;

beforeEach(async () => {
  server.clock.now = undefined;
  workspace = await newWorkspace(server);
});

describe('members', () => {
  it('are listed by name, their addresses in lower case', async () => {
    await change(workspace, 'createMember(name: " Grace ", email: " Grace@Example.com ")');
    await change(workspace, 'createMember(name: "Ada", email: "ada@example.com")');

    const { members } = await workspace.query('{ members { name email teams { name } } }');

    expect(members).toEqual([
      { name: 'Ada', email: 'ada@example.com', teams: [] },
      { name: 'Grace', email: 'grace@example.com', teams: [] },
    ]);
  });

  it('keep the fields that an update omits', async () => {
    const ada = await addMember(workspace, 'Ada');

    const { member } = await change<{ member: object }>(
      workspace,
      `updateMember(member: "${ada}", name: "Ada L.")`,
      '... on MemberPayload { member { name email } }',
    );

    expect(member).toEqual({ name: 'Ada L.', email: 'ada@example.com' });
  });

  it.each([
    ['with the address of another member', 'createMember(name: "A", email: "ADA@example.com")'],
    ['without a name', 'createMember(name: " ", email: "b@example.com")'],
    [
      'with a name that is too long',
      `createMember(name: "${'x'.repeat(101)}", email: "b@example.com")`,
    ],
    ['with no address', 'createMember(name: "B", email: "b")'],
  ])('are refused %s', async (_what, call) => {
    await addMember(workspace, 'ada');

    expect(await change(workspace, call)).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('cannot take the address of another member, but can keep their own', async () => {
    const ada = await addMember(workspace, 'ada');
    await addMember(workspace, 'grace');

    const taken = await change(
      workspace,
      `updateMember(member: "${ada}", email: "grace@example.com")`,
    );
    const own = await change(workspace, `updateMember(member: "${ada}", email: "ada@example.com")`);

    expect([taken.code, own.__typename]).toEqual(['INVALID_INPUT', 'MemberPayload']);
  });

  it('can be deleted once and then leave all teams', async () => {
    const ada = await addMember(workspace, 'ada');
    await addTeam(workspace, 'Sales', [ada]);

    const first = await change<{ id: string }>(
      workspace,
      `deleteMember(member: "${ada}")`,
      '... on DeleteMemberPayload { id }',
    );
    const second = await change(workspace, `deleteMember(member: "${ada}")`);

    expect([first.id, second.code]).toEqual([ada, 'NOT_FOUND']);
    expect(await workspace.query('{ members { id } teams { members { id } } }')).toEqual({
      members: [],
      teams: [{ members: [] }],
    });
  });

  it('are created once by concurrent requests for the same address', async () => {
    const calls = Array.from({ length: 8 }, () =>
      change(workspace, 'createMember(name: "Ada", email: "ada@example.com")'),
    );

    const answers = (await Promise.all(calls)).map(({ __typename }) => __typename);

    expect(answers.filter((name) => name === 'MemberPayload')).toHaveLength(1);
    expect(answers.filter((name) => name === 'InvalidInput')).toHaveLength(7);
  });
});

describe('teams', () => {
  it('have a name, a kind and members that list their teams', async () => {
    const ada = await addMember(workspace, 'ada');
    const grace = await addMember(workspace, 'grace');
    await addTeam(workspace, 'Sales', [grace, ada, ada]);
    await change(
      workspace,
      `createTeam(name: "Care", kind: CUSTOMER_SERVICE, members: ["${ada}"])`,
    );

    const data = await workspace.query(
      '{ teams { name kind members { name } } members { name teams { name } } }',
    );

    expect(data).toEqual({
      teams: [
        { name: 'Care', kind: 'CUSTOMER_SERVICE', members: [{ name: 'ada' }] },
        { name: 'Sales', kind: 'SALES', members: [{ name: 'ada' }, { name: 'grace' }] },
      ],
      members: [
        { name: 'ada', teams: [{ name: 'Care' }, { name: 'Sales' }] },
        { name: 'grace', teams: [{ name: 'Sales' }] },
      ],
    });
  });

  it('can be updated in name, kind or members separately', async () => {
    const ada = await addMember(workspace, 'ada');
    const grace = await addMember(workspace, 'grace');
    const team = await addTeam(workspace, 'Sales', [ada]);
    const update = async (what: string) => {
      const wanted = '... on TeamPayload { team { name kind members { name } } }';
      return (
        await change<{ team: object }>(workspace, `updateTeam(team: "${team}", ${what})`, wanted)
      ).team;
    };

    const renamed = await update('name: "Growth"');
    const turned = await update('kind: MARKETING');
    const filled = await update(`members: ["${grace}"]`);
    const emptied = await update('members: []');

    const members = [{ name: 'ada' }];
    expect(renamed).toEqual({ name: 'Growth', kind: 'SALES', members });
    expect(turned).toEqual({ name: 'Growth', kind: 'MARKETING', members });
    expect(filled).toEqual({ name: 'Growth', kind: 'MARKETING', members: [{ name: 'grace' }] });
    expect(emptied).toEqual({ name: 'Growth', kind: 'MARKETING', members: [] });
  });

  it.each([
    ['with the name of another team', 'createTeam(name: "sales", kind: SALES)', 'INVALID_INPUT'],
    ['without a name', 'createTeam(name: "", kind: SALES)', 'INVALID_INPUT'],
    [
      'with an unknown member',
      `createTeam(name: "B", kind: SALES, members: ["${crypto.randomUUID()}"])`,
      'NOT_FOUND',
    ],
    [
      'with an invalid member id',
      'createTeam(name: "B", kind: SALES, members: ["x"])',
      'NOT_FOUND',
    ],
  ])('are refused %s and not stored', async (_what, call, code) => {
    await addTeam(workspace, 'Sales');

    expect(await change(workspace, call)).toMatchObject({ code });
    expect(await workspace.query('{ teams { name } }')).toEqual({ teams: [{ name: 'Sales' }] });
  });
});

describe('an owner', () => {
  it.each(['member', 'team'] as const)(
    'that is a %s cannot be deleted, with a reason',
    async (kind) => {
      const id =
        kind === 'member' ? await addMember(workspace, 'ada') : await addTeam(workspace, 'Sales');
      const customer = await addCustomer(workspace, 'u1');
      await setStageOwner(server, workspace, 'RETENTION', { [kind]: id });
      await handOver(server, workspace, [{ customer, to: 'RETENTION' }]);
      const call =
        kind === 'member' ? `deleteMember(member: "${id}")` : `deleteTeam(team: "${id}")`;

      const refused = await change<StaffRefusal & { uses: string[] }>(
        workspace,
        call,
        '... on InUse { uses }',
      );

      expect(refused).toMatchObject({
        code: 'IN_USE',
        uses: ['stage RETENTION of REACH_TO_LOYALTY', 'an open task'],
      });
      expect(refused.message).toContain('stage RETENTION of REACH_TO_LOYALTY, an open task');
    },
  );

  it('can be deleted when it owns nothing and its tasks are closed, which then lose the reference', async () => {
    const ada = await addMember(workspace, 'ada');
    const sales = await addTeam(workspace, 'Sales', [ada]);
    const customer = await addCustomer(workspace, 'u1');
    await setStageOwner(server, workspace, 'RETENTION', { member: ada });
    await handOver(server, workspace, [{ customer, to: 'RETENTION' }]);
    const { id } = await onlyTask(workspace);
    await changeTask(workspace, `acceptTask(task: "${id}", member: "${ada}")`);
    await changeTask(workspace, `completeTask(task: "${id}")`);
    await setStageOwner(server, workspace, 'RETENTION', {});

    const answers = [
      await change(workspace, `deleteMember(member: "${ada}")`),
      await change(workspace, `deleteTeam(team: "${sales}")`),
    ];

    expect(answers.map(({ __typename }) => __typename)).toEqual([
      'DeleteMemberPayload',
      'DeleteTeamPayload',
    ]);
    expect(await onlyTask(workspace)).toMatchObject({
      state: 'DONE',
      team: null,
      assignee: null,
      acceptedBy: null,
    });
  });

  it('of a stage in a definition being built cannot be deleted either', async () => {
    const sales = await addTeam(workspace, 'Sales');
    const stages = [{ key: 'NEXT', ownerTeamId: atob(sales).split(':')[1] }];
    await ask(
      server,
      `with started as (
         insert into job (workspace_id, id, kind, key, state, run_at, started_at)
         select $1, gen_random_uuid(), 'BUILD', l.id, 'RUNNING', 'infinity', now()
         from lifecycle l where l.workspace_id = $1 returning id, key)
       insert into build (workspace_id, id, subject_kind, subject_id, version, definition)
       select $1, id, 'LIFECYCLE', key::uuid, 2, $2 from started`,
      [workspace.id, { stages }],
    );

    const refused = await change(workspace, `deleteTeam(team: "${sales}")`);

    expect(refused.message).toContain('stage NEXT of the pending REACH_TO_LOYALTY');
  });
});

it('refuses mutations of members and teams with a read-only key', async () => {
  const reader = await newWorkspace(server, { scopes: ['read'] });

  const { status, body } = await reader.graphql(
    'mutation { createTeam(name: "Sales", kind: SALES) { __typename } }',
  );

  expect([status, body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
  expect(await reader.query('{ members { id } teams { id } tasks { nodes { id } } }')).toEqual({
    members: [],
    teams: [],
    tasks: { nodes: [] },
  });
});

it('reads members and teams with a constant number of statements', async () => {
  let calls = 0;
  const counted = (tx: object): object =>
    new Proxy(tx, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === 'function') {
          calls += 1;
          return value.bind(target);
        }
        return typeof value === 'object' && value !== null ? counted(value) : value;
      },
    });
  const second = await startSecondServer(server, {
    url: await prepareDatabase(server.databaseUrl),
    wrapDatabase: (database): Database => ({
      ...database,
      readWorkspace: (id, work) => database.readWorkspace(id, (tx) => work(counted(tx) as Tx)),
    }),
  });
  const own = await newWorkspace(second);
  const read = async () => {
    calls = 0;
    await own.query(
      '{ teams { members { name teams { name } } } members { teams { members { name } } } }',
    );
    return calls;
  };
  await addTeam(own, 'First', [await addMember(own, 'ada')]);
  const ofOne = await read();
  for (const name of ['a', 'b', 'c', 'd']) {
    await addTeam(own, name, [await addMember(own, `${name}1`), await addMember(own, `${name}2`)]);
  }

  const ofMany = await read();

  expect(ofOne).toBeGreaterThan(2);
  expect(ofMany).toBe(ofOne);
  await second.end();
});
