import fc from 'fast-check';
import { frame, message } from './frames.ts';
import { handshake } from './raw-connection.ts';
import { processAdminKey } from './server-process.ts';

const head = `Host: localhost\r\nAuthorization: Bearer ${processAdminKey}\r\n`;
const get = (target: string, headers = head) => `GET ${target} HTTP/1.1\r\n${headers}\r\n`;
const post = (target: string, body: string, headers = '') =>
  `POST ${target} HTTP/1.1\r\n${head}${headers}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

const watch =
  'subscription { stageChanged { ... on StageChanged { cursor } ... on StreamReset { cursor } } }';
const track = JSON.stringify({ userId: 'u', event: 'Seen', messageId: 'fuzzed' });
const operation = (id: string, query: string) =>
  message({ id, type: 'subscribe', payload: { query } });

export const subscribeOverSse = post(
  '/graphql',
  JSON.stringify({ query: watch }),
  'Accept: text/event-stream\r\n',
);
export const upgrade = handshake('/graphql');
export const init = message({ type: 'connection_init', payload: { key: processAdminKey } });

const http = [
  get('/health'),
  get('/ready'),
  get('/'),
  get('//['),
  get('/health', 'Host: [\r\n'),
  get('http://a/health'),
  get('/graphql', `${head}Accept: text/html\r\n`),
  get('/graphql?query=%7B__typename%7D'),
  get('/health').repeat(3),
  get('/ready').repeat(50),
  get('/x', `${head}X: ${'x'.repeat(20_000)}\r\n`),
  get('/health', `${head}Expect: 100-continue\r\n`),
  post('/v1/track', track),
  post('/v1/track', '{'),
  post('/graphql', JSON.stringify({ query: '{ workspace { name } }' })),
  post('/graphql', JSON.stringify({ query: '{ nothing }' })),
  subscribeOverSse,
  `POST /v1/batch HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"bat\r\nz\r\n`,
  `POST /v1/track HTTP/1.1\r\n${head}Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nnoise`,
  `POST /v1/track HTTP/1.1\r\n${head}Content-Length: 400\r\n\r\n{`,
  'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.0\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  handshake('/nowhere'),
  handshake('//'),
  handshake('/graphql', 'Host: [\r\n'),
];

const webSocket = [
  upgrade,
  init,
  operation('a', watch),
  operation('b', watch),
  operation('c', '{ workspace { name } }'),
  operation('d', '{ nothing }'),
  operation('e'.repeat(300), watch),
  message({ type: 'complete', id: 'a' }),
  message({ type: 'ping', payload: { filler: 'x'.repeat(60_000) } }),
  message({ type: 'pong' }),
  message({ type: 'nothing' }),
  frame('text', '{'),
  frame('text', Buffer.from([0xff, 0xfe])),
  frame('text', 'x'.repeat(70_000)),
  frame('text', '{"type":', { isFinal: false }),
  frame('continuation', '"ping"}'),
  frame('binary', 'noise'),
  frame('ping', 'x'.repeat(125)),
  frame('ping', 'x'.repeat(126)),
  Buffer.concat(Array.from({ length: 100 }, () => frame('ping'))),
  frame('pong'),
  frame('close'),
  frame('close', Buffer.from([0x03, 0xe8])),
  frame('close', Buffer.from([0xff, 0xff])),
  frame('close', 'x'),
  Buffer.from([0x81, 0x01, 0x41]),
  Buffer.from([0xf3, 0x80, 0, 0, 0, 0]),
  Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
];

const whole = fc
  .constantFrom(...http, ...webSocket)
  .map((bytes) => Buffer.from(bytes as string, 'latin1'));

const cut = fc
  .tuple(whole, fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([bytes, at]) => bytes.subarray(0, Math.floor(bytes.length * at)));

const damaged = fc.tuple(whole, fc.nat(), fc.nat(255)).map(([bytes, at, value]) => {
  const copy = Buffer.from(bytes);
  copy[at % copy.length] = value;
  return copy;
});

const noise = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes));

/** Valid, truncated and damaged fragments of client messages. */
export const fragments = fc.oneof(
  { weight: 6, arbitrary: whole },
  { weight: 2, arbitrary: cut },
  { weight: 2, arbitrary: damaged },
  { weight: 1, arbitrary: noise },
);

/** The start of a connection: random fragments alone rarely reach later states. */
export const openings = fc
  .constantFrom(
    [],
    [upgrade],
    [upgrade, init],
    [upgrade, init, operation('o', watch)],
    [subscribeOverSse],
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1'))));
