import { expect, it } from 'vitest';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const customerFields = 'customer { name tags consents { purpose granted } traits }';
const refusal = '... on Refusal { code message }';
const tagged = `mutation ($ids: [ID!]!, $add: [String!], $remove: [String!]) {
  tagCustomers(customers: $ids, add: $add, remove: $remove) {
    ... on TagCustomersPayload { customers { name tags } } ${refusal}
  }
}`;
const consented = `mutation ($id: ID!, $purpose: String!, $granted: Boolean!) {
  setConsent(customer: $id, purpose: $purpose, granted: $granted) {
    ... on SetConsentPayload { ${customerFields} } ${refusal}
  }
}`;

async function newCustomers(workspace: TestWorkspace, users: readonly string[]) {
  await workspace.send(
    users.map((userId) => ({ type: 'identify', userId, traits: { name: userId } })),
  );
  const ids = users.map(async (userId) => {
    const ask = 'query ($userId: String!) { customer(by: { userId: $userId }) { id } }';
    return (await workspace.query<{ customer: { id: string } }>(ask, { userId })).customer.id;
  });
  return Promise.all(ids);
}

async function names(workspace: TestWorkspace, where: object) {
  const ask = 'query ($where: CustomerFilter) { customers(where: $where) { nodes { name } } }';
  const data = await workspace.query<{ customers: { nodes: Array<{ name: string }> } }>(ask, {
    where,
  });
  return data.customers.nodes.map(({ name }) => name).sort();
}

it('adds and removes tags, and finds customers by them', async () => {
  const workspace = await newWorkspace(server);
  const [ada, ben] = await newCustomers(workspace, ['ada', 'ben', 'cleo']);

  await workspace.query(tagged, { ids: [ada, ben, ada], add: ['vip', 'beta'] });
  const answer = await workspace.query(tagged, {
    ids: [ben],
    add: ['old'],
    remove: ['vip', 'none'],
  });

  expect(answer).toEqual({ tagCustomers: { customers: [{ name: 'ben', tags: ['beta', 'old'] }] } });
  expect(await names(workspace, { tag: { in: ['vip', 'old'] } })).toEqual(['ada', 'ben']);
  expect(await names(workspace, { tag: { notIn: ['vip'] } })).toEqual(['ben', 'cleo']);
  expect(await names(workspace, { tag: { in: ['VIP'] } })).toEqual([]);
});

it('stores consent per purpose, separate from traits', async () => {
  const workspace = await newWorkspace(server);
  const [id] = await newCustomers(workspace, ['ada', 'ben']);

  await workspace.query(consented, { id, purpose: 'newsletter', granted: true });
  await workspace.query(consented, { id, purpose: 'ads', granted: true });
  const answer = await workspace.query(consented, { id, purpose: 'ads', granted: false });

  const consents = [
    { purpose: 'ads', granted: false },
    { purpose: 'newsletter', granted: true },
  ];
  expect(answer).toEqual({
    setConsent: { customer: { name: 'ada', tags: [], consents, traits: { name: 'ada' } } },
  });
  const ads = (is: string) => names(workspace, { consent: { purpose: 'ads', is } });
  expect([await ads('GRANTED'), await ads('DENIED'), await ads('UNKNOWN')]).toEqual([
    [],
    ['ada'],
    ['ben'],
  ]);
});

it('accepts tags and consents from tracking calls', async () => {
  const workspace = await newWorkspace(server);
  const traits = { 'tag:vip': true, 'tag:no': 'yes', 'consent:ads': true, 'consent:x': 'maybe' };
  await workspace.send([{ type: 'identify', userId: 'ada', traits: { name: 'ada', ...traits } }]);

  const answer = await workspace.query(`{ customer(by: { userId: "ada" }) {
    tags consents { purpose granted } traits
  } }`);

  expect(answer).toEqual({
    customer: {
      tags: ['vip'],
      consents: [{ purpose: 'ads', granted: true }],
      traits: { name: 'ada' },
    },
  });
});

it('returns visitors without a user id, and the surviving customer after a merge', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([{ type: 'page', anonymousId: 'v', name: 'Home' }]);
  const query = '{ customer(by: { anonymousId: "v" }) { id } }';
  const { customer } = await workspace.query<{ customer: { id: string } }>(query);

  await workspace.query(tagged, { ids: [customer.id], add: ['early'] });
  await newCustomers(workspace, ['ada']);
  await workspace.send([{ type: 'identify', userId: 'ada', anonymousId: 'v', traits: {} }]);
  const answer = await workspace.query(tagged, { ids: [customer.id], add: ['late'] });

  const survivor = { name: 'ada', tags: ['early', 'late'] };
  expect(answer).toEqual({ tagCustomers: { customers: [survivor] } });
});

it('changes no customer if one of them does not exist', async () => {
  const workspace = await newWorkspace(server);
  const [ada] = await newCustomers(workspace, ['ada']);

  const answer = await workspace.query(tagged, { ids: [ada, crypto.randomUUID()], add: ['vip'] });

  expect(answer).toMatchObject({ tagCustomers: { code: 'NOT_FOUND' } });
  expect(await names(workspace, { tag: { in: ['vip'] } })).toEqual([]);
});

it.each<[string, object]>([
  ['nothing to do', {}],
  ['a tag both added and removed', { add: ['a'], remove: ['a'] }],
  ['an empty tag', { add: [' '] }],
  ['a tag that cannot be stored', { add: ['a\0'] }],
  ['too many tags', { add: Array.from({ length: 21 }, String) }],
  ['an empty list of customers', { ids: [], add: ['a'] }],
  ['too many customers', { ids: Array.from({ length: 251 }, String), add: ['a'] }],
])('refuses %s with a message', async (_what, variables) => {
  const workspace = await newWorkspace(server);
  const ids = await newCustomers(workspace, ['ada']);

  const answer = await workspace.query<{ tagCustomers: { code: string; message: string } }>(
    tagged,
    {
      ids,
      ...variables,
    },
  );

  expect(answer.tagCustomers.code).toBe('INVALID_INPUT');
  expect(answer.tagCustomers.message).toMatch(/^[A-Z].*\.$/);
});

it('requires a key with write scope', async () => {
  const workspace = await newWorkspace(server, { scopes: ['ingest', 'read'] });
  const ids = await newCustomers(workspace, ['ada']);

  const { body } = await workspace.graphql(tagged, { ids, add: ['vip'] });

  expect(body.errors[0].extensions.code).toBe('FORBIDDEN');
});
