import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { exchange, handshake, openConnection, parseAnswer } from '../../support/raw-connection.ts';
import { useServer } from '../../support/server.ts';

const server = useServer();
const closing = 'Connection: close\r\n';

const get = (target: string, headers = `Host: localhost\r\n${closing}`, version = '1.1') =>
  `GET ${target} HTTP/${version}\r\n${headers}\r\n`;
const ask = async (bytes: string) => parseAnswer(await exchange(server.url, bytes));

/** Verifies that the process still responds; an uncaught error would have failed the run. */
afterEach(async () => {
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

describe('a request target', () => {
  it.each(['//', '//[', '//:', '///', '//%', '/\\', '/%', '/graphql/../[', '/gr%61phql'])(
    '%s is not found, with or without an upgrade',
    async (target) => {
      const plain = await ask(get(target));
      const upgrade = await ask(handshake(target));

      expect(plain).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
      expect(upgrade).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    },
  );

  it.each([
    'http://',
    'http://[',
    'http://:/',
    'https://%',
    'ftp://localhost/health',
    'http://a:99999/',
  ])('%s is invalid, with or without an upgrade', async (target) => {
    const plain = await ask(get(target));
    const upgrade = await ask(handshake(target));

    expect(plain).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(upgrade).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });

  it('may be absolute', async () => {
    const answer = await ask(get('http://example.org/health?x=1'));

    expect(answer).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('may be an asterisk', async () => {
    const answer = await ask(`OPTIONS * HTTP/1.1\r\nHost: localhost\r\n${closing}\r\n`);

    expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });
});

describe('a Host header', () => {
  it.each([
    '[',
    ']',
    'a b',
    '%',
    'a/b',
    'user@host',
    '[::1',
    'a:99999',
    '1.2.3.4.5.6:x',
    '\\',
    '^',
  ])('%s is invalid', async (host) => {
    const query = `/graphql?query=%7B__typename%7D`;
    const plain = await ask(get(query, `Host: ${host}\r\n${closing}`));
    const upgrade = await ask(handshake('/graphql', `Host: ${host}\r\n`));

    expect(plain).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(upgrade).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(JSON.stringify(plain)).not.toMatch(/node_modules|\.ts|at /);
  });

  it('must not occur twice', async () => {
    const answer = await ask(get('/health', `Host: a\r\nHost: b\r\n${closing}`));

    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });

  it('may be empty, and may be absent in HTTP/1.0', async () => {
    const query = '/graphql?query=%7B__typename%7D';
    const empty = await ask(get(query, `Host:\r\n${closing}`));
    const absent = await ask(get(query, '', '1.0'));

    expect(empty).toMatchObject({ status: 200, body: { data: { __typename: 'Query' } } });
    expect(absent).toMatchObject({ status: 200, body: { data: { __typename: 'Query' } } });
  });
});

describe('an invalid request', () => {
  it.each([
    ['noise', '\x00\x01\x02\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['an unknown version', 'GET / HTTP/7.3\r\nHost: a\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'INVALID_REQUEST'],
    ['HTTP/2 with prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'INVALID_REQUEST'],
    [
      'a large header',
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    [
      'two Content-Length headers',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'INVALID_REQUEST',
    ],
    [
      'Content-Length and Transfer-Encoding',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'INVALID_REQUEST',
    ],
    [
      'CONNECT',
      'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n',
      405,
      'METHOD_NOT_ALLOWED',
    ],
  ])('%s is refused with a code', async (_name, bytes, status, code) => {
    const answer = await ask(bytes);

    expect(answer).toMatchObject({ status, body: { success: false, code } });
    expect(answer.head).toMatch(/connection: close/i);
  });

  it.each([
    ['no key', 'Sec-WebSocket-Version: 13\r\n'],
    ['a bad key', 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n'],
    [
      'a bad version',
      'Sec-WebSocket-Version: 7\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
    ],
    [
      'a bad protocol',
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ,\r\n',
    ],
  ])('a WebSocket handshake with %s is refused', async (_name, headers) => {
    const answer = await ask(
      `GET /graphql HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`,
    );

    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(answer.head).toMatch(/sec-websocket-version: 13/i);
  });

  it('an upgrade to another protocol is ignored', async () => {
    const answer = await ask(
      `GET /health HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
    );

    expect(answer.status).toBe(200);
  });
});

describe('a connection that is reset', () => {
  it.each([
    ['before a byte', ''],
    ['within a request line', 'GET /gra'],
    ['within a body', 'POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{'],
    ['after an upgrade to an unknown path', handshake('/nowhere')],
    ['after an upgrade to a WebSocket', handshake('/graphql')],
    ['after a broken handshake', handshake('/graphql', 'Host: [\r\n')],
    ['after CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['within pipelined requests', get('/graphql', 'Host: a\r\nAccept: text/html\r\n').repeat(20)],
  ])('%s ends only that connection', async (_name, bytes) => {
    for (let round = 0; round < 10; round += 1) {
      const { socket, write } = await openConnection(server.url);
      if (bytes) write(bytes);
      await fetch(`${server.url}/health`);
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
  });
});

describe('pipelined requests', () => {
  it('are answered in order', async () => {
    const text = await exchange(
      server.url,
      get('/health', 'Host: a\r\n') + get('/nothing', 'Host: a\r\n') + get('/ready'),
    );

    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(['200', '404', '200']);
  });

  it('beyond 32 close the connection', async () => {
    const text = await exchange(server.url, get('/ready', 'Host: a\r\n').repeat(40));

    expect(text).toBe('');
  });
});
