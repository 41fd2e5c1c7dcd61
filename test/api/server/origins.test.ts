import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { newWorkspace, useServer } from '../../support/server.ts';

const allowed = 'https://app.example.com';
const server = useServer({ origins: [allowed] });
const open = useServer();

const subscription = 'subscription { stageChanged { __typename } }';

/** The status of the handshake: 101 when it succeeds. */
async function connect(url: string, origin: string | undefined): Promise<number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    ...(origin && { origin }),
  });
  const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode);
  const status = await Promise.race([once(socket, 'open').then(() => 101), refused]);
  socket.on('error', () => undefined).terminate();
  return status;
}

interface Door {
  name: string;
  request(url: string, key: string, origin: Record<string, string>): Promise<number>;
}

const doors: Door[] = [
  {
    name: 'a query',
    request: (url, key, origin) =>
      statusOf(
        url,
        key,
        { ...origin, 'content-type': 'application/json' },
        '{ workspace { name } }',
      ),
  },
  {
    name: 'an event stream',
    request: (url, key, origin) =>
      statusOf(
        url,
        key,
        { ...origin, 'content-type': 'application/json', accept: 'text/event-stream' },
        subscription,
      ),
  },
  {
    name: 'a reserved event stream',
    async request(url, key, origin) {
      const { status } = await fetch(`${url}/graphql`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${key}`, ...origin },
      });
      return status === 201 ? 200 : status;
    },
  },
  {
    name: 'a WebSocket',
    async request(url, _key, { origin }) {
      const status = await connect(url, origin);
      return status === 101 ? 200 : status;
    },
  },
];

async function statusOf(url: string, key: string, headers: Record<string, string>, query: string) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify({ query }),
  });
  await response.body?.cancel();
  return response.status;
}

describe.each(doors)('$name', ({ request }) => {
  it('is served for a page of a listed origin, for the own page, and for programs', async () => {
    const { key } = await newWorkspace(server);

    const origins = [{ origin: allowed }, { origin: server.url }, {}];
    const statuses = await Promise.all(
      origins.map((origin) => request(server.url, key, origin as Record<string, string>)),
    );

    expect(statuses).toEqual([200, 200, 200]);
  });

  it('is refused for a page of another origin', async () => {
    const { key } = await newWorkspace(server);

    const others = ['https://evil.example', 'https://app.example.com.evil.example', 'null'];
    const statuses = await Promise.all(
      others.map((origin) => request(server.url, key, { origin })),
    );

    expect(statuses).toEqual([403, 403, 403]);
  });

  it('is served for every page where no origins are listed', async () => {
    const { key } = await newWorkspace(open);

    expect(await request(open.url, key, { origin: 'https://any.example' })).toBe(200);
  });
});

it('says what to do about it', async () => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
  });

  expect(await response.json()).toEqual({
    success: false,
    code: 'ORIGIN_NOT_ALLOWED',
    message: 'Pages of this origin may not use this server. Add it to STAGELINE_ORIGINS.',
  });
});
