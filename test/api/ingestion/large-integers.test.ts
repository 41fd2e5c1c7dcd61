import { expect, it } from 'vitest';
import { storedEvents } from '../../support/inspect.ts';
import { connectSocket } from '../../support/raw-socket.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const large = '1579634563736238021';

async function peopleOf(workspace: TestWorkspace) {
  const { customers } = await workspace.query<{ customers: { nodes: object[] } }>(
    `{ customers(orderBy: { field: CREATED, direction: ASC }) {
         nodes { name orderCount identities { kind value } }
       } }`,
  );
  return customers.nodes;
}

it('keeps two users apart whose ids are JSON numbers that a double cannot tell apart', async () => {
  const workspace = await newWorkspace(server);

  await workspace.post(
    '/v1/batch',
    `{"batch":[
      {"type":"identify","userId":1579634563736238021,"traits":{"name":"P1"},"messageId":"b1"},
      {"type":"identify","userId":1579634563736238022,"traits":{"name":"P2"},"messageId":"b2"},
      {"type":"track","userId":1579634563736238021,"event":"Order Completed","properties":{"total":10},"messageId":"b3"}
    ]}`,
  );

  expect(await peopleOf(workspace)).toEqual([
    { name: 'P1', orderCount: 1, identities: [{ kind: 'user_id', value: large }] },
    {
      name: 'P2',
      orderCount: 0,
      identities: [{ kind: 'user_id', value: '1579634563736238022' }],
    },
  ]);
});

it('keeps every digit of other ids, of properties and of traits in a single call', async () => {
  const workspace = await newWorkspace(server);
  const ids = { anonymousId: '1579634563736238023', previousId: '1579634563736238024' };

  await workspace.post(
    '/v1/track',
    `{"anonymousId": ${ids.anonymousId}, "event": "Tried", "properties": {"order_id": -${large}, "score": 0.1}}`,
  );
  await workspace.post('/v1/alias', `{"userId":${large},"previousId":${ids.previousId}}`);

  const people = await peopleOf(workspace);
  expect(people).toMatchObject([
    { identities: [{ kind: 'anonymous_id', value: ids.anonymousId }] },
    {
      identities: [
        { kind: 'anonymous_id', value: ids.previousId },
        { kind: 'user_id', value: large },
      ],
    },
  ]);
  const [event] = await storedEvents(server, workspace);
  expect(event?.properties).toEqual({ order_id: `-${large}`, score: 0.1 });
});

const track = `mutation ($properties: JSON) {
  track(events: [{ type: TRACK, userId: "u1", event: "Tried", properties: $properties }]) { accepted } }`;
const variables = `{"properties":{"id":${large},"list":[${large},1.5]}}`;
const payload = `{"query":${JSON.stringify(track)},"variables":${variables}}`;

const requests: Record<string, (workspace: TestWorkspace) => Promise<unknown>> = {
  'a JSON body': (workspace) => workspace.post('/graphql', payload),
  'a form': (workspace) =>
    workspace.post('/graphql', new URLSearchParams({ query: track, variables }).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    }),
  'an event stream': (workspace) =>
    workspace.post('/graphql', payload, { accept: 'text/event-stream' }).catch(() => undefined),
  'a WebSocket message': async ({ key }) => {
    const socket = await connectSocket(server.url, key);
    socket.send(`{"type":"subscribe","id":"1","payload":${payload}}`);
    await socket.waitFor(({ type }) => type === 'complete');
    socket.close();
  },
  'a literal of the document': (workspace) => {
    const query = `mutation ($id: JSON) { track(events: [
      { type: TRACK, userId: "u1", event: "Tried", properties: { id: $id, list: [${large}, 1.5] } }
    ]) { accepted } }`;
    const body = `{"query":${JSON.stringify(query)},"variables":{"id":${large}}}`;
    return workspace.post('/graphql', body);
  },
};

it.each(Object.entries(requests))('keeps every digit in GraphQL: %s', async (_what, send) => {
  const workspace = await newWorkspace(server);

  await send(workspace);

  const [event] = await storedEvents(server, workspace);
  expect(event?.properties).toEqual({ id: large, list: [large, 1.5] });
});

it('still compares numbers with large integers of variables', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([{ type: 'track', userId: 'u1', event: 'Order Completed' }]);
  const query = 'query ($where: CustomerFilter) { customers(where: $where) { totalCount } }';
  const where = '{"fact":{"netRevenue":{"below":100000000000000000000}}}';

  const { body } = await workspace.post(
    '/graphql',
    `{"query":${JSON.stringify(query)},"variables":{"where":${where}}}`,
  );

  expect(body.data).toEqual({ customers: { totalCount: 1 } });
});
