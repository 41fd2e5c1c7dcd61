import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { loadConfig } from '../../../src/platform/config.ts';
import { waitUntil } from '../../support/embedded-owners.ts';
import {
  exchange,
  handshake,
  openConnection,
  parseAnswer,
  type RawConnection,
} from '../../support/raw-connection.ts';
import { useServer } from '../../support/server.ts';

const maxSockets = 20;
const reserved = 32;
const server = useServer({ maxSockets });
const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
const ask = async (path: string) => parseAnswer(await exchange(server.url, request(path)));

let open: RawConnection[] = [];
afterEach(async () => {
  for (const { socket } of open) socket.destroy();
  open = [];
  await waitUntil(async () => (await ask('/nothing')).status === 404);
});

/** Connections in the middle of a request, which are not idle. */
async function fill(count: number) {
  for (let left = count; left > 0; left -= 1) {
    const connection = await openConnection(server.url);
    connection.write('GET /hea');
    open.push(connection);
  }
}

it('refuses connections beyond the maximum with a code, and responds to probes', async () => {
  await fill(maxSockets);

  const refused = [await ask('/graphql'), await ask('/v1/track')];
  const upgrade = parseAnswer(await exchange(server.url, handshake('/graphql')));
  const probes = [await ask('/health'), await ask('/ready')];

  for (const answer of [...refused, upgrade]) {
    expect(answer).toMatchObject({ status: 503, body: { success: false, code: 'OVERLOADED' } });
    expect(answer.head).toMatch(/retry-after: \d+/i);
    expect(answer.head).toMatch(/connection: close/i);
  }
  expect(probes.map(({ status }) => status)).toEqual([200, 200]);
});

it('refuses connections beyond the reserve before it parses a byte', async () => {
  await fill(maxSockets + reserved);

  const text = await exchange(server.url, 'noise that is no request\r\n\r\n');

  expect(parseAnswer(text)).toMatchObject({ status: 503, body: { code: 'OVERLOADED' } });
});

it('closes idle keep-alive connections to make room', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  const idle = () =>
    new Promise<number>((resolve, reject) => {
      get(`${server.url}/nothing`, { agent }, (response) => {
        text(response).then(() => resolve(response.statusCode ?? 0), reject);
      }).on('error', reject);
    });
  const first = await Promise.all(Array.from({ length: maxSockets - 1 }, idle));

  await fill(3);
  // An idle connection normally stays open for 65 seconds.
  await waitUntil(async () => (await ask('/nothing')).status === 404);

  expect(new Set(first)).toEqual(new Set([404]));
  agent.destroy();
});

it('derives the maximum from the heap size', () => {
  const { maxSockets: derived } = loadConfig({});

  expect(derived).toBeGreaterThan(4_000);
  expect(loadConfig({ STAGELINE_MAX_SOCKETS: '7' }).maxSockets).toBe(7);
});
