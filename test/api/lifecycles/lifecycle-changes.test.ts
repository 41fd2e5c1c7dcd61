import { describe, expect, it } from 'vitest';
import { storedChanges } from '../../support/inspect.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const order = (userId: string) => ({ type: 'track', userId, event: 'Order Completed' });

const stage = (key: string, entry: object, more: object = {}) => ({
  key,
  name: key,
  phase: 'ENGAGEMENT',
  entry,
  ...more,
});

const allCustomers = { all: [] };
const bought = { fact: { orderCount: { atLeast: 1 } } };

const refusal = '... on Refusal { code message }';
const path = '... on InvalidFilter { path }';
const uses = '... on InUse { uses }';
const whole = `lifecycle { key name version isDefault build { state done total version }
  stages { key name ordinal phase description synonyms entry stay expectedDuration acceptWithin
    goals { metric comparison value unit } } }`;

const create = `mutation ($template: String, $key: String, $name: String, $stages: [StageInput!]) {
  result: createLifecycle(template: $template, key: $key, name: $name, stages: $stages) {
    __typename ... on LifecyclePayload { ${whole} } ${path} ${refusal} } }`;
const update = `mutation ($lifecycle: String!, $name: String, $stages: [StageInput!]) {
  result: updateLifecycle(lifecycle: $lifecycle, name: $name, stages: $stages) {
    __typename ... on LifecyclePayload { ${whole} } ${path} ${uses} ${refusal} } }`;
const remove = `mutation ($lifecycle: String!) { result: deleteLifecycle(lifecycle: $lifecycle) {
  __typename ... on DeleteLifecyclePayload { id } ${uses} ${refusal} } }`;
const makeDefault = `mutation ($lifecycle: String!) {
  result: makeDefaultLifecycle(lifecycle: $lifecycle) {
    __typename ... on LifecyclePayload { ${whole} } ${uses} ${refusal} } }`;
const preview = `query ($lifecycle: String, $stages: [StageInput!]!) {
  result: lifecyclePreview(lifecycle: $lifecycle, stages: $stages) {
    __typename ... on LifecyclePreview { customers unchanged
      moves { fromKey toKey customers sample { userId } } } ${path} ${uses} ${refusal} } }`;

interface Told {
  __typename: string;
  code?: string;
  message?: string;
  path?: string;
  uses?: string[];
  lifecycle?: {
    key: string;
    version: number;
    build: { state: string; done: number; total: number } | null;
    stages: Array<{ key: string; name: string }>;
  };
}

async function run(workspace: TestWorkspace, operation: string, variables: object) {
  const { result } = await workspace.query<{ result: Told }>(operation, variables);
  return result;
}

/** Resolves when the lifecycle's newest definition is active. */
async function built(workspace: TestWorkspace, key: string) {
  const state = async () => {
    const { lifecycle } = await workspace.query<{
      lifecycle: { build: { state: string } | null };
    }>('query ($key: String) { lifecycle(key: $key) { build { state } } }', { key });
    return lifecycle.build?.state;
  };
  await expect.poll(state, pollOptions).toBe('DONE');
}

async function newLifecycle(workspace: TestWorkspace, key: string, stages: object[]) {
  const result = await run(workspace, create, { key, name: key, stages });
  expect(result).toMatchObject({ __typename: 'LifecyclePayload' });
  await built(workspace, key);
}

async function placesOf(workspace: TestWorkspace, lifecycle: string) {
  const { customers } = await workspace.query<{
    customers: {
      nodes: Array<{ userId: string; stage: { stage: { key: string }; since: string } | null }>;
    };
  }>(
    `query ($lifecycle: String) { customers(first: 100) { nodes {
       userId stage(lifecycle: $lifecycle) { since stage { key } } } } }`,
    { lifecycle },
  );
  return Object.fromEntries(
    customers.nodes.map(({ userId, stage: place }) => [userId, place?.stage.key ?? null]),
  );
}

const stagesIn = 'query ($key: String) { stages(lifecycle: $key) { key name } }';

describe('a new lifecycle', () => {
  it('is built over existing customers and then follows their events', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1'), { type: 'page', userId: 'u2' }]);

    const result = await run(workspace, create, {
      key: 'own',
      name: 'Our own',
      stages: [stage('SEEN', allCustomers), stage('BOUGHT', bought)],
    });
    expect(result).toMatchObject({
      __typename: 'LifecyclePayload',
      lifecycle: { key: 'OWN', name: 'Our own', isDefault: false, build: { total: 2 } },
    });
    await built(workspace, 'own');
    await workspace.send([order('u2')]);

    expect(await placesOf(workspace, 'own')).toEqual({ u1: 'BOUGHT', u2: 'BOUGHT' });
    const moves = (await storedChanges(server, workspace))
      .filter(({ kind, data }) => kind === 'STAGE_CHANGED' && data['version'] === 1)
      .filter(({ data }) => data['cause'] !== 'EVENT' || data['to'] === 'BOUGHT')
      .map(({ data }) => [data['from'], data['to'], data['cause']]);
    expect(moves).toEqual(
      expect.arrayContaining([
        [null, 'BOUGHT', 'DEFINITION'],
        [null, 'SEEN', 'DEFINITION'],
        ['SEEN', 'BOUGHT', 'EVENT'],
      ]),
    );
    expect(moves).toHaveLength(3);
  });

  it('stores every attribute of its stages', async () => {
    const workspace = await newWorkspace(server);
    const full = stage('FIRST', allCustomers, {
      name: 'First steps',
      description: 'Whoever comes.',
      synonyms: ['Beginning'],
      stay: bought,
      expectedDuration: 'P30D',
      acceptWithin: 'PT4H',
      goals: [{ metric: 'conversion', comparison: 'AT_LEAST', value: 0.2, unit: '%' }],
    });

    await newLifecycle(workspace, 'FULL', [full]);

    const { lifecycle } = await workspace.query<{ lifecycle: object }>(
      `{ lifecycle(key: "full") { version stages { key name ordinal phase description synonyms
         entry stay expectedDuration acceptWithin
         goals { metric comparison value unit } owner { __typename } } } }`,
    );
    expect(lifecycle).toEqual({
      version: 1,
      stages: [{ ...full, ordinal: 1, owner: null }],
    });
  });

  it('has owners of its own and of its stages, and refuses unknown owners', async () => {
    const workspace = await newWorkspace(server);
    const { createTeam } = await workspace.query<{ createTeam: { team: { id: string } } }>(
      `mutation { createTeam(name: "Sales", kind: SALES) {
         ... on TeamPayload { team { id } } } }`,
    );
    const owner = { team: createTeam.team.id };
    const owned = `mutation ($key: String!, $owner: OwnerInput, $stages: [StageInput!]!) {
      createLifecycle(key: $key, name: $key, owner: $owner, stages: $stages) {
        __typename ... on Refusal { code } } }`;
    const stages = [stage('SEEN', allCustomers, { owner })];

    await workspace.query(owned, { key: 'OWN', owner, stages });
    await built(workspace, 'OWN');

    const sales = { name: 'Sales' };
    expect(
      await workspace.query(
        `{ lifecycle(key: "OWN") { owner { ... on Team { name } }
             stages { owner { ... on Team { name } } } } }`,
      ),
    ).toEqual({ lifecycle: { owner: sales, stages: [{ owner: sales }] } });
    const noCustomers = { team: crypto.randomUUID() };
    expect(
      await workspace.query(owned, {
        key: 'OTHER',
        stages: [stage('SEEN', allCustomers, { owner: noCustomers })],
      }),
    ).toEqual({ createLifecycle: { __typename: 'NotFound', code: 'NOT_FOUND' } });
  });

  it('is created from a template under the key of the template', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1')]);
    const { lifecycleTemplates } = await workspace.query<{
      lifecycleTemplates: Array<{ key: string; stages: Array<{ key: string }> }>;
    }>('{ lifecycleTemplates { key name description source stages { key name entry stay } } }');

    await run(workspace, create, { template: 'awareness_to_retention' });
    await built(workspace, 'AWARENESS_TO_RETENTION');

    const template = lifecycleTemplates.find(({ key }) => key === 'AWARENESS_TO_RETENTION');
    const { stages } = await workspace.query<{ stages: Array<{ key: string }> }>(stagesIn, {
      key: 'AWARENESS_TO_RETENTION',
    });
    expect(stages.map(({ key }) => key)).toEqual(template?.stages.map(({ key }) => key));
    expect(lifecycleTemplates).toHaveLength(5);
  });

  it.each<[string, object, object]>([
    ['an unknown template', { template: 'NONE' }, { code: 'INVALID_INPUT' }],
    ['neither template nor stages', { key: 'X', name: 'X' }, { code: 'INVALID_INPUT' }],
    ['both', { template: 'AWARENESS_TO_LOYALTY', stages: [] }, { code: 'INVALID_INPUT' }],
    ['no stages', { key: 'X', name: 'X', stages: [] }, { message: expect.stringMatching(/stage/) }],
    [
      'a duplicate stage key',
      { key: 'X', name: 'X', stages: [stage('A', allCustomers), stage('a', allCustomers)] },
      { message: expect.stringContaining('stages.1.key') },
    ],
    [
      'an existing lifecycle key',
      { key: 'reach_to_loyalty', name: 'X', stages: [stage('A', allCustomers)] },
      { message: expect.stringContaining('REACH_TO_LOYALTY') },
    ],
    [
      'an invalid filter',
      {
        key: 'X',
        name: 'X',
        stages: [stage('A', allCustomers), stage('B', { all: [{ segment: { in: ['NONE'] } }] })],
      },
      { code: 'INVALID_FILTER', path: 'stages.1.entry.all.0.segment' },
    ],
    [
      'a rule about the current stage in the same lifecycle',
      { key: 'X', name: 'X', stages: [stage('A', { stage: { lifecycle: 'X', in: ['A'] } })] },
      { code: 'INVALID_FILTER', path: 'stages.0.entry.stage' },
    ],
    [
      'an unknown stage in `stay`',
      {
        key: 'X',
        name: 'X',
        stages: [stage('A', allCustomers, { stay: { stage: { in: ['NOWHERE'] } } })],
      },
      { code: 'INVALID_FILTER', path: 'stages.0.stay.stage' },
    ],
  ])('is refused with %s', async (_what, variables, expected) => {
    const workspace = await newWorkspace(server);

    expect(await run(workspace, create, variables)).toMatchObject(expected);

    const { lifecycles } = await workspace.query<{ lifecycles: object[] }>(
      '{ lifecycles { key } }',
    );
    expect(lifecycles).toEqual([{ key: 'REACH_TO_LOYALTY' }]);
  });

  it('may refer to the recent past in its own stages', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1')]);

    await newLifecycle(workspace, 'OWN', [
      stage('NEW', allCustomers),
      stage('ONCE', bought),
      stage('TWICE', {
        all: [
          { fact: { orderCount: { atLeast: 2 } } },
          { stage: { lifecycle: 'own', in: ['ONCE'], within: 'P1D' } },
        ],
      }),
    ]);
    await workspace.send([order('u1'), order('u2'), order('u2'), order('u3')]);

    expect(await placesOf(workspace, 'OWN')).toEqual({ u1: 'TWICE', u2: 'TWICE', u3: 'ONCE' });
  });

  it('is refused when it and another lifecycle refer to each other', async () => {
    const workspace = await newWorkspace(server);
    await newLifecycle(workspace, 'ONE', [stage('A', allCustomers), stage('B', bought)]);
    const inA = { stage: { lifecycle: 'ONE', in: ['A'] } };
    await newLifecycle(workspace, 'TWO', [stage('C', inA)]);
    const back = { stage: { lifecycle: 'TWO', in: ['C'], ever: true } };

    const result = await run(workspace, update, {
      lifecycle: 'ONE',
      stages: [stage('A', allCustomers), stage('B', back)],
    });

    expect(result).toMatchObject({ code: 'INVALID_FILTER', path: 'stages.1.entry.stage' });
  });
});

it('refuses a circular reference between a lifecycle and a segment', async () => {
  const workspace = await newWorkspace(server);
  await newLifecycle(workspace, 'OWN', [stage('A', allCustomers), stage('B', bought)]);
  await workspace.query(
    `mutation ($filter: CustomerFilter!) {
       createSegment(key: "IN_A", name: "In A", filter: $filter) { __typename } }`,
    { filter: { stage: { lifecycle: 'OWN', in: ['A'] } } },
  );

  const result = await run(workspace, update, {
    lifecycle: 'OWN',
    stages: [stage('A', allCustomers), stage('B', { not: { segment: { in: ['in_a'] } } })],
  });

  expect(result).toMatchObject({ code: 'INVALID_FILTER', path: 'stages.1.entry.not.segment' });
  expect(
    await run(workspace, update, { lifecycle: 'OWN', stages: [stage('B', allCustomers)] }),
  ).toMatchObject({ code: 'IN_USE', uses: ['segment IN_A'] });
});

describe('changed rules', () => {
  it('move customers once, and the moves have the cause DEFINITION', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1'), order('u2'), { type: 'page', userId: 'u3' }]);
    await newLifecycle(workspace, 'OWN', [stage('SEEN', allCustomers), stage('BOUGHT', bought)]);
    const before = (await storedChanges(server, workspace)).length;

    const result = await run(workspace, update, {
      lifecycle: 'own',
      stages: [stage('SEEN', allCustomers), stage('CUSTOMER', bought)],
    });
    expect(result.lifecycle?.build).toMatchObject({ version: 2, total: 3 });
    await built(workspace, 'OWN');

    expect(await placesOf(workspace, 'OWN')).toEqual({
      u1: 'CUSTOMER',
      u2: 'CUSTOMER',
      u3: 'SEEN',
    });
    const added = (await storedChanges(server, workspace)).slice(before);
    expect(added.map(({ data }) => data)).toEqual(
      [1, 2].map(() =>
        expect.objectContaining({
          from: 'BOUGHT',
          to: 'CUSTOMER',
          version: 2,
          rule: bought,
          cause: 'DEFINITION',
          event: null,
        }),
      ),
    );
    const { customers } = await workspace.query<{
      customers: { nodes: Array<{ transitions: { nodes: object[] } }> };
    }>(
      `{ customers(first: 1, search: "u1") { nodes { transitions(first: 1, lifecycle: "own") {
         nodes { fromKey from { key } toKey to { key } cause lifecycleVersion } } } } }`,
    );
    expect(customers.nodes[0]?.transitions.nodes).toEqual([
      {
        fromKey: 'BOUGHT',
        from: null,
        toKey: 'CUSTOMER',
        to: { key: 'CUSTOMER' },
        cause: 'DEFINITION',
        lifecycleVersion: 2,
      },
    ]);
  });

  it('leave customers that match no rule without a stage, and log it', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1'), { type: 'page', userId: 'u2' }]);
    await newLifecycle(workspace, 'OWN', [stage('SEEN', allCustomers), stage('BOUGHT', bought)]);

    await run(workspace, update, { lifecycle: 'OWN', stages: [stage('BOUGHT', bought)] });
    await built(workspace, 'OWN');

    expect(await placesOf(workspace, 'OWN')).toEqual({ u1: 'BOUGHT', u2: null });
    const { stageCounts, stageFlow } = await workspace.query<{
      stageCounts: { counts: object[] };
      stageFlow: { links: object[] };
    }>(`{ stageCounts(lifecycle: "OWN", at: "2099-01-01T00:00:00Z") { counts { stageKey customers } }
         stageFlow(lifecycle: "OWN", from: "2000-01-01T00:00:00Z", to: "2099-01-01T00:00:00Z") {
           links { fromKey toKey moves redefined } } }`);
    expect(stageCounts.counts).toEqual([{ stageKey: 'BOUGHT', customers: 1 }]);
    expect(stageFlow.links).toEqual(
      expect.arrayContaining([
        { fromKey: 'SEEN', toKey: null, moves: 0, redefined: 1 },
        { fromKey: null, toKey: 'SEEN', moves: 0, redefined: 1 },
        { fromKey: null, toKey: 'BOUGHT', moves: 0, redefined: 1 },
      ]),
    );
  });

  it('are refused when they remove a stage that another rule refers to, and the refusal names the rule', async () => {
    const workspace = await newWorkspace(server);
    await newLifecycle(workspace, 'OWN', [stage('SEEN', allCustomers), stage('BOUGHT', bought)]);
    await newLifecycle(workspace, 'OTHER', [
      stage('X', { stage: { lifecycle: 'OWN', in: ['BOUGHT'] } }),
    ]);

    const result = await run(workspace, update, {
      lifecycle: 'OWN',
      stages: [stage('SEEN', allCustomers)],
    });

    expect(result).toMatchObject({ code: 'IN_USE', uses: ['lifecycle OTHER'] });
    expect(await run(workspace, remove, { lifecycle: 'OWN' })).toMatchObject({
      code: 'IN_USE',
      uses: ['lifecycle OTHER'],
    });
  });

  it('are not built when only names, goals and owners change', async () => {
    const workspace = await newWorkspace(server);
    await newLifecycle(workspace, 'OWN', [stage('SEEN', allCustomers)]);

    const result = await run(workspace, update, {
      lifecycle: 'own',
      name: 'Renamed',
      stages: [stage('SEEN', allCustomers, { name: 'Seen somewhere' })],
    });

    expect(result).toMatchObject({
      lifecycle: {
        name: 'Renamed',
        version: 1,
        build: { version: 1, state: 'DONE' },
        stages: [{ key: 'SEEN', name: 'Seen somewhere' }],
      },
    });
  });
});

describe('a preview', () => {
  it('counts the moves that the build then makes', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([
      order('u1'),
      order('u2'),
      order('u2'),
      order('u3'),
      { type: 'page', userId: 'u4' },
    ]);
    await newLifecycle(workspace, 'OWN', [stage('SEEN', allCustomers), stage('BOUGHT', bought)]);
    const stages = [
      stage('SEEN', allCustomers),
      stage('BOUGHT', bought),
      stage('REGULAR', { fact: { orderCount: { atLeast: 2 } } }),
    ];

    const result = await run(workspace, preview, { lifecycle: 'OWN', stages });

    expect(result).toEqual({
      __typename: 'LifecyclePreview',
      customers: 4,
      unchanged: 3,
      moves: [{ fromKey: 'BOUGHT', toKey: 'REGULAR', customers: 1, sample: [{ userId: 'u2' }] }],
    });
    await run(workspace, update, { lifecycle: 'OWN', stages });
    await built(workspace, 'OWN');
    expect(await run(workspace, preview, { lifecycle: 'OWN', stages })).toMatchObject({
      unchanged: 4,
      moves: [],
    });
    expect(await placesOf(workspace, 'OWN')).toMatchObject({ u2: 'REGULAR' });
  });

  it('takes stay rules and pins into account', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1'), { type: 'page', userId: 'u2' }]);
    await newLifecycle(workspace, 'OWN', [stage('SEEN', allCustomers), stage('BOUGHT', bought)]);
    const { customer } = await workspace.query<{ customer: { id: string } }>(
      '{ customer(by: { userId: "u2" }) { id } }',
    );
    await workspace.query(
      `mutation ($id: ID!) { moveCustomer(customer: $id, lifecycle: "OWN", to: "BOUGHT",
         reason: "told us", pin: true) { __typename } }`,
      { id: customer.id },
    );
    const stages = (stay: object | null) => [
      stage('SEEN', allCustomers),
      stage('BOUGHT', { fact: { orderCount: { atLeast: 9 } } }, { stay }),
    ];

    expect(await run(workspace, preview, { lifecycle: 'OWN', stages: stages(null) })).toMatchObject(
      {
        moves: [{ fromKey: 'BOUGHT', toKey: 'SEEN', customers: 1, sample: [{ userId: 'u1' }] }],
      },
    );
    expect(
      await run(workspace, preview, { lifecycle: 'OWN', stages: stages(bought) }),
    ).toMatchObject({ unchanged: 2, moves: [] });
    await run(workspace, update, { lifecycle: 'OWN', stages: stages(null) });
    await built(workspace, 'OWN');
    expect(await placesOf(workspace, 'OWN')).toEqual({ u1: 'SEEN', u2: 'BOUGHT' });
  });

  it('refuses the same input as updateLifecycle', async () => {
    const workspace = await newWorkspace(server);

    const result = await run(workspace, preview, {
      stages: [stage('A', { any: [{ stage: { in: ['NOWHERE'] } }] })],
    });

    expect(result).toMatchObject({ code: 'INVALID_FILTER', path: 'stages.0.entry.any.0.stage' });
  });
});

describe('the default lifecycle', () => {
  it('can be changed to another lifecycle', async () => {
    const workspace = await newWorkspace(server);
    await newLifecycle(workspace, 'OWN', [stage('SEEN', allCustomers)]);

    expect(await run(workspace, makeDefault, { lifecycle: 'own' })).toMatchObject({
      lifecycle: { key: 'OWN', isDefault: true },
    });

    const { lifecycles, stages } = await workspace.query<{
      lifecycles: object[];
      stages: object[];
    }>('{ lifecycles { key isDefault } stages { key } }');
    expect(lifecycles).toEqual([
      { key: 'OWN', isDefault: true },
      { key: 'REACH_TO_LOYALTY', isDefault: false },
    ]);
    expect(stages).toEqual([{ key: 'SEEN' }]);
  });

  it('cannot change while a rule refers to it without naming it', async () => {
    const workspace = await newWorkspace(server);
    await newLifecycle(workspace, 'OWN', [stage('LOYAL', { stage: { in: ['LOYALTY'] } })]);

    expect(await run(workspace, makeDefault, { lifecycle: 'OWN' })).toMatchObject({
      code: 'IN_USE',
      uses: ['lifecycle OWN'],
    });
  });

  it('cannot be deleted', async () => {
    const workspace = await newWorkspace(server);

    expect(await run(workspace, remove, { lifecycle: 'REACH_TO_LOYALTY' })).toMatchObject({
      code: 'IN_USE',
      uses: ['the workspace as its default lifecycle'],
    });
  });
});

it('deletes a lifecycle with its placements and keeps its log', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('u1')]);
  await newLifecycle(workspace, 'OWN', [stage('SEEN', allCustomers)]);

  expect(await run(workspace, remove, { lifecycle: 'own' })).toMatchObject({
    __typename: 'DeleteLifecyclePayload',
  });
  await workspace.send([order('u1')]);

  const { customer, lifecycle } = await workspace.query<{
    customer: { stages: object[]; asOf: object; transitions: { nodes: object[] } };
    lifecycle: null;
  }>(
    `{ lifecycle(key: "OWN") { key }
       customer(by: { userId: "u1" }) { stages { stage { key } }
         asOf(at: "2099-01-01T00:00:00Z") { stages { stageKey } }
         transitions(first: 3) { nodes { toKey lifecycle { key } to { key } } } } }`,
  );
  expect(lifecycle).toBeNull();
  expect(customer.stages).toEqual([{ stage: { key: 'RETENTION' } }]);
  expect(customer.asOf).toEqual({ stages: [{ stageKey: 'RETENTION' }] });
  expect(customer.transitions.nodes).toEqual([
    { toKey: 'RETENTION', lifecycle: { key: 'REACH_TO_LOYALTY' }, to: { key: 'RETENTION' } },
    { toKey: 'SEEN', lifecycle: null, to: null },
    { toKey: 'CONVERSION', lifecycle: { key: 'REACH_TO_LOYALTY' }, to: { key: 'CONVERSION' } },
  ]);
});
