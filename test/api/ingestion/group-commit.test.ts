import { expect, it } from 'vitest';
import { ask, positionsTo, storedChanges, storedEvents } from '../../support/inspect.ts';
import { lockIngestion } from '../../support/lock-ingestion.ts';
import {
  newWorkspace,
  type TestResponse,
  type TestWorkspace,
  useServer,
} from '../../support/server.ts';

const server = useServer();
const crowded = useServer({ backlogEvents: 24 });

const page = (n: number) => ({ type: 'page', userId: `u${n}`, messageId: `m${n}` });
const withStatus = (answers: TestResponse[], status: number) =>
  answers.filter((answer) => answer.status === status);

/** Blocks ingestion while `requests` are sent, until the first of them wait in the database. */
async function sendTogether(
  where: typeof server,
  workspace: TestWorkspace,
  requests: Array<() => Promise<TestResponse>>,
) {
  const held = await lockIngestion(where, workspace.id);
  const answers = Promise.all(requests.map((request) => request()));
  await held.waitUntilBlocked();
  await held.release();
  return answers;
}

it('refuses requests beyond the backlog as retryable, and stores exactly the others', async () => {
  const workspace = await newWorkspace(crowded);

  const answers = await sendTogether(
    crowded,
    workspace,
    positionsTo(30).map((n) => () => workspace.send([page(2 * n), page(2 * n + 1)])),
  );

  const [accepted, refused] = [withStatus(answers, 200), withStatus(answers, 503)];
  expect(accepted.length).toBeGreaterThanOrEqual(6);
  expect(refused.length).toBeGreaterThan(0);
  expect(accepted.length + refused.length).toBe(30);
  for (const { headers, body } of refused) {
    expect([headers.get('retry-after'), body.code]).toEqual(['1', 'OVERLOADED']);
  }
  const reported = accepted.flatMap(({ body }) =>
    body.results.map(({ messageId }: { messageId: string }) => messageId),
  );
  const stored = await storedEvents(crowded, workspace);
  expect(stored.map(({ messageId }) => messageId).toSorted()).toEqual(reported.toSorted());
});

it('recovers completely after an overload', async () => {
  const workspace = await newWorkspace(crowded);
  const requests = positionsTo(30).map((n) => () => workspace.send([page(n)]));
  await sendTogether(crowded, workspace, requests);

  const again: TestResponse[] = [];
  for (const request of requests) again.push(await request());

  expect(withStatus(again, 200)).toHaveLength(30);
  expect(await storedEvents(crowded, workspace)).toHaveLength(30);
});

it('reports an overload over GraphQL with the same code', async () => {
  const workspace = await newWorkspace(crowded);
  const events = positionsTo(25).map((n) => ({ type: 'PAGE', userId: `u${n}` }));

  const { status, headers, body } = await workspace.graphql(
    'mutation ($events: [EventInput!]!) { track(events: $events) { accepted } }',
    { events },
  );

  expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  expect(body.errors).toMatchObject([{ extensions: { code: 'OVERLOADED' } }]);
  expect(await storedEvents(crowded, workspace)).toEqual([]);
});

it('fails only the request that fails in the database', async () => {
  await ask(
    server,
    `create function refuse_poison() returns trigger language plpgsql as
       $$ begin if new.name = 'Poison' then raise exception 'poisoned by %', new.name; end if;
          return new; end $$;
     create trigger poison before insert on event for each row execute function refuse_poison()`,
  );
  const workspace = await newWorkspace(server);
  const call = (n: number) => ({ ...page(n), name: n === 23 ? 'Poison' : 'Home' });

  const answers = await sendTogether(
    server,
    workspace,
    positionsTo(64).map((n) => () => workspace.send([call(n)])),
  );

  const stored = await storedEvents(server, workspace);
  const changes = await storedChanges(server, workspace);
  expect(answers.map(({ status }) => status)).toEqual(
    positionsTo(64).map((n) => (n === 23 ? 500 : 200)),
  );
  expect(answers[22]?.body).toMatchObject({ success: false, code: 'INTERNAL' });
  expect(JSON.stringify(answers[22]?.body)).not.toMatch(/poison/i);
  expect(stored.map(({ messageId }) => messageId).toSorted()).toEqual(
    positionsTo(64)
      .flatMap((n) => (n === 23 ? [] : [`m${n}`]))
      .toSorted(),
  );
  // Each of the 63 new customers was created and placed in its first stage.
  expect(changes.map(({ position }) => position)).toEqual(positionsTo(126));
});

it('returns the same results over GraphQL as over HTTP for each event', async () => {
  const calls = [
    { type: 'IDENTIFY', userId: 'u1', anonymousId: 'a1', traits: { email: 'u1@example.com' } },
    { type: 'TRACK', userId: 'u1', event: 'Order Completed', properties: { total: 12.5 } },
    {
      type: 'TRACK',
      userId: 'u1',
      messageId: 'm3',
      event: 'Order Completed',
      properties: { total: -1 },
    },
    { type: 'PAGE', anonymousId: 'a1', name: 'Home', timestamp: '2026-01-02T03:04:05.678Z' },
    { type: 'SCREEN', anonymousId: 'a1', context: { device: { model: 'X' } } },
    { type: 'GROUP', userId: 'u1', groupId: 'acme', traits: { size: 3 } },
    { type: 'ALIAS', userId: 'u1', previousId: 'a2', messageId: 'm7' },
    { type: 'ALIAS', userId: 'u1', previousId: 'a2', messageId: 'm7' },
    { type: 'TRACK', userId: 'u1' },
    { type: 'TRACK', userId: 'u1', event: 'Tried', timestamp: '2999-01-01T00:00:00Z' },
  ];
  const [byHttp, byGraphQL] = [await newWorkspace(server), await newWorkspace(server)];

  const http = await byHttp.send(calls.map((call) => ({ ...call, type: call.type.toLowerCase() })));
  const { track } = await byGraphQL.query<{ track: { results: object[] } }>(
    `mutation ($events: [EventInput!]!) {
       track(events: $events) { accepted duplicates refused results { index status code message } }
     }`,
    { events: calls },
  );

  const reported = ['index', 'status', 'code', 'message'] as const;
  expect(track).toEqual({
    accepted: 6,
    duplicates: 1,
    refused: 3,
    results: http.body.results.map((result: Record<string, unknown>) =>
      Object.fromEntries(
        reported.map((name) => [
          name,
          name === 'status' ? String(result[name]).toUpperCase() : (result[name] ?? null),
        ]),
      ),
    ),
  });
  const summary = async (workspace: TestWorkspace) => ({
    events: (await storedEvents(server, workspace)).map(({ kind, name, properties, context }) => ({
      kind,
      name,
      properties,
      context,
    })),
    customer: await workspace.query(
      `{ customer(by: { anonymousId: "a2" }) {
           email orderCount eventCount sessionCount netRevenue { amount } identities { kind value }
         } }`,
    ),
  });
  expect(await summary(byGraphQL)).toEqual(await summary(byHttp));
});
