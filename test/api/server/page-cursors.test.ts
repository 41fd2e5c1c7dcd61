import { beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../../support/embedded-owners.ts';
import { createTestSegment, memberIds } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
let workspace: TestWorkspace;

const refusal = {
  message: expect.stringMatching(/^The cursor does not belong to this list\./),
  extensions: { code: 'INVALID_INPUT' },
};

const page = '{ pageInfo { startCursor endCursor } nodes { __typename } } ';
/** Every paged list: the query for one page. */
const lists: Record<string, (args: string) => string> = {
  'customers, newest first': (args) => `{ list: customers(${args}) ${page} }`,
  'customers, oldest first': (args) =>
    `{ list: customers(orderBy: { field: CREATED, direction: ASC } ${args}) ${page} }`,
  ...Object.fromEntries(
    ['LAST_SEEN', 'ORDER_COUNT', 'NET_REVENUE', 'NAME', 'RISK'].map((field) => [
      `customers by ${field}`,
      (args: string) => `{ list: customers(orderBy: { field: ${field} } ${args}) ${page} }`,
    ]),
  ),
  segments: (args) => `{ list: segments(${args}) ${page} }`,
  tasks: (args) => `{ list: tasks(${args}) ${page} }`,
  transitions: (args) => `{ list: transitions(${args}) ${page} }`,
  'transitions of a customer': (args) =>
    `{ customer(by: { userId: "a" }) { list: transitions(${args}) ${page} } }`,
  'events of a customer': (args) =>
    `{ customer(by: { userId: "a" }) { list: events(${args}) ${page} } }`,
  'timeline of a customer': (args) =>
    `{ customer(by: { userId: "a" }) { list: timeline(${args}) ${page} } }`,
  'members of a segment': (args) =>
    `{ segment(key: "ALL") { list: members(${args}) { pageInfo { startCursor endCursor } } } }`,
};
const names = Object.keys(lists);

interface Page {
  pageInfo: { startCursor: string; endCursor: string };
}
type Read = { list?: Page; customer?: { list: Page }; segment?: { list: Page } };

const ask = (name: string, args: string) => workspace.graphql(lists[name]?.(args) ?? '');

async function cursorOf(name: string): Promise<string> {
  const { body } = await ask(name, 'first: 1');
  const { list, customer, segment } = body.data as Read;
  const { endCursor } = (list ?? customer?.list ?? segment?.list)?.pageInfo ?? { endCursor: '' };
  expect(endCursor).toMatch(/\w/);
  return endCursor;
}

beforeAll(async () => {
  workspace = await newWorkspace(server);
  await workspace.send([
    { type: 'identify', userId: 'a', traits: { name: 'Ada', email: 'ada@example.com' } },
    { type: 'track', userId: 'a', event: 'Order Completed', properties: { total: 5 } },
    { type: 'page', userId: 'b' },
  ]);
  const { segment } = await createTestSegment(workspace, { name: 'All', filter: { all: [] } });
  await waitUntil(async () => (await memberIds(workspace, segment.key)).length > 0);
});

it.each(names.filter((name) => name !== 'tasks'))(
  'accepts a cursor of %s only for the same list',
  async (name) => {
    const cursor = await cursorOf(name);

    for (const other of names) {
      const { body } = await ask(other, `after: "${cursor}"`);
      if (other === name) expect(body).not.toHaveProperty('errors');
      else expect({ other, error: body.errors?.[0] }).toMatchObject({ other, error: refusal });
    }
  },
);

it.each(names)('refuses an empty cursor of %s', async (name) => {
  const { status, body } = await ask(name, 'after: ""');

  expect(body.errors[0]).toMatchObject(refusal);
  expect(status).toBe(name.includes(' of a ') ? 200 : 400);
});

it('refuses an empty cursor and a cursor of another order as `before`', async () => {
  for (const before of ['', await cursorOf('customers by NAME')]) {
    const { body } = await ask('customers, newest first', `last: 1 before: "${before}"`);
    expect(body.errors[0]).toMatchObject(refusal);
  }
});
