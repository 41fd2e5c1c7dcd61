import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { exchange, openConnection, parseAnswer } from '../../support/raw-connection.ts';
import { request as askSocket, connectSocket } from '../../support/raw-socket.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const closed = useServer({ graphiql: false, introspection: false });
const inBrowser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

/** The raw bytes: fetch would decompress them. */
function getPage(url: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, string>; body: Buffer }>(
    (resolve, reject) => {
      request(`${url}/graphql`, { headers: { ...inBrowser, ...headers } }, async (response) => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          body: await buffer(response),
        });
      })
        .on('error', reject)
        .end();
    },
  );
}

describe('GraphiQL', () => {
  it('is one compressed page that browsers cache', async () => {
    const first = await getPage(server.url);
    const second = await getPage(server.url, { 'if-none-match': first.headers['etag'] ?? '' });
    const other = await getPage(server.url, { 'if-none-match': '"another"' });

    expect(first).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' } });
    expect(first.headers['etag']).toMatch(/^"[\w-]{43}"$/);
    expect(first.body.length).toBeLessThan(3_000_000);
    expect(gunzipSync(first.body).toString()).toContain('YogaGraphiQL.renderYogaGraphiQL(');
    expect(second).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    expect(other.body.equals(first.body)).toBe(true);
  });

  it('can run only its own scripts and cannot be framed', async () => {
    const { headers } = await getPage(server.url);

    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/script-src ('sha256-[\w+/=]+' )+blob:;/);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });

  it('is not sent to clients that accept JSON', async () => {
    const answer = await fetch(`${server.url}/graphql?query={__typename}`);

    expect(await answer.json()).toMatchObject({ data: { __typename: 'Query' } });
  });

  it('costs no memory when it is requested and not read', async () => {
    await getPage(server.url);
    const before = process.memoryUsage().rss;
    const silent = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const connection = await openConnection(server.url);
        connection.socket.pause();
        connection.write('GET /graphql HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n'.repeat(5));
        return connection;
      }),
    );
    await getPage(server.url);
    const growth = process.memoryUsage().rss - before;

    for (const { socket } of silent) socket.destroy();
    expect(growth).toBeLessThan(100_000_000);
  });

  it('can be turned off', async () => {
    const page = await getPage(closed.url);

    expect(page.status).toBe(404);
    expect(JSON.parse(page.body.toString())).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('introspection turned off', () => {
  it.each(['{ __schema { types { name } } }', '{ __type(name: "Customer") { name } }'])(
    'refuses %s over every transport',
    async (query) => {
      const workspace = await newWorkspace(closed);
      const socket = await connectSocket(closed.url, workspace.key);
      const stream = await fetch(`${closed.url}/graphql`, {
        method: 'POST',
        headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });

      const http = await workspace.graphql(query);
      const { answer } = await askSocket(socket, { query });

      expect(http.body.errors[0].extensions.code).toBe('INTROSPECTION_DISABLED');
      expect(answer['type']).toBe('error');
      expect(JSON.stringify(answer)).toContain('INTROSPECTION_DISABLED');
      expect(await stream.text()).toContain('INTROSPECTION_DISABLED');
      socket.close();
    },
  );

  it('removes suggested names, which are present when it is on', async () => {
    const { graphql } = await newWorkspace(closed);
    const open = await newWorkspace(server);
    const queries: Array<[string, object]> = [
      ['{ workspac { name } }', {}],
      ['{ customers(frst: 1) { totalCount } }', {}],
      ['{ customers(first: 1, orderBy: { field: LAST_SEN }) { totalCount } }', {}],
      [
        'query ($orderBy: CustomerOrder) { customers(first: 1, orderBy: $orderBy) { totalCount } }',
        { orderBy: { field: 'LAST_SEN' } },
      ],
    ];

    for (const [query, variables] of queries) {
      const hidden = await graphql(query, variables);
      const shown = await open.graphql(query, variables);
      expect(JSON.stringify(hidden.body.errors)).not.toMatch(/did you mean/i);
      expect(JSON.stringify(shown.body.errors)).toMatch(/did you mean/i);
    }
  });

  it('still allows __typename', async () => {
    const text = await exchange(
      closed.url,
      'GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );

    expect(parseAnswer(text).body).toMatchObject({ data: { __typename: 'Query' } });
  });
});
