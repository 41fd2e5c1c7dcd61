import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import {
  createFrameWriter,
  type Frame,
  framePrefix,
} from '../../../src/entrypoints/server/live/frames.ts';
import { openWebSocketPair, type WebSocketPair } from '../../support/web-socket-pair.ts';

const pairs: WebSocketPair[] = [];
afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.close();
});

async function open(options: { isCompressed?: boolean } = {}) {
  const pair = await openWebSocketPair(options);
  pairs.push(pair);
  const { socket, connection } = pair;
  const writeFrames = createFrameWriter(socket);
  return { ...pair, write: (frames: Frame[]) => writeFrames(socket, connection, frames) };
}

const frameOf = (id: string, payload: string): Frame => ({
  prefix: framePrefix(id),
  delivery: { position: 1n, cursor: 'c', recordedAt: undefined, payload: Buffer.from(payload) },
});

const messageOf = (id: string, payload: string) =>
  `{"id":${JSON.stringify(id)},"type":"next","payload":${payload}}`;

/** A JSON string of so many bytes. */
const payloadOf = (bytes: number) => JSON.stringify('x'.repeat(Math.max(0, bytes - 2)));

/** The bytes that a writer puts on the connection. */
async function record({ connection }: WebSocketPair, write: () => void) {
  const chunks: Buffer[] = [];
  const { write: send } = connection;
  connection.write = ((chunk: Buffer | string) => {
    chunks.push(Buffer.from(chunk as Buffer));
    return true;
  }) as typeof send;
  write();
  connection.write = send;
  return Buffer.concat(chunks);
}

const overhead = messageOf('op', '').length;
/** Payloads around the lengths at which the header of a frame grows. */
const boundaries = [125, 126, 127, 65_535, 65_536, 65_537].map((length) => length - overhead);

it.each([2, 3, 50, ...boundaries, 70_000])(
  'writes a payload of %i bytes exactly as ws does',
  async (bytes) => {
    const pair = await open();
    const payload = payloadOf(bytes);

    const own = await record(pair, () => pair.write([frameOf('op', payload)]));
    const reference = await record(pair, () => pair.socket.send(messageOf('op', payload)));

    expect(own.length).toBeGreaterThan(bytes);
    expect(own.equals(reference)).toBe(true);
  },
);

it('writes payloads of all lengths and ids of any text so that ws reads them', async () => {
  const pair = await open();
  const frames = fc.array(
    fc.record({
      id: fc.string({ unit: 'grapheme', maxLength: 60 }),
      payload: fc.oneof(
        fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
        fc.integer({ min: 0, max: 70_000 }).map(payloadOf),
        fc.constantFrom(...boundaries).map(payloadOf),
      ),
    }),
    { maxLength: 8 },
  );
  const property = fc.asyncProperty(frames, async (list) => {
    const before = pair.received.length;
    pair.write(list.map(({ id, payload }) => frameOf(id, payload)));
    await pair.untilReceived(before + list.length);

    expect(pair.received.splice(0)).toEqual(list.map(({ id, payload }) => messageOf(id, payload)));
  });
  await fc.assert(property, { numRuns: 300 });
});

type Step = 'frames' | 'send' | 'ping';

it('keeps the order between its frames and what ws sends in between, pings included', async () => {
  const steps = fc.array(fc.constantFrom<Step>('frames', 'send', 'ping'), { maxLength: 40 });
  const property = fc.asyncProperty(steps, async (list) => {
    const pair = await open();
    const expected: string[] = [];
    let pongs = 0;
    pair.socket.on('pong', () => {
      pongs += 1;
    });
    for (const [index, step] of list.entries()) {
      if (step === 'ping') pair.socket.ping(String(index));
      const payload = payloadOf(index % 5 === 0 ? 66_000 : 100 + index);
      if (step === 'send') pair.socket.send(messageOf(`s${index}`, payload));
      if (step === 'send') expected.push(messageOf(`s${index}`, payload));
      if (step === 'frames') pair.write([frameOf('a', payload), frameOf('b', payload)]);
      if (step === 'frames') expected.push(messageOf('a', payload), messageOf('b', payload));
    }
    const pinged = once(pair.socket, 'message');
    pair.socket.send('end');
    await pair.untilReceived(expected.length + 1);
    pair.client.send('end');
    await pinged;

    expect(pair.received).toEqual([...expected, 'end']);
    expect(pongs).toBe(list.filter((step) => step === 'ping').length);
  });
  await fc.assert(property, { numRuns: 40 });
});

it('lets ws compress where that was negotiated', async () => {
  const pair = await open({ isCompressed: true });
  const payloads = [2, 200, 70_000].map(payloadOf);

  pair.write(payloads.map((payload) => frameOf('op', payload)));
  await pair.untilReceived(payloads.length);

  expect(pair.socket.extensions).toContain('permessage-deflate');
  expect(pair.received).toEqual(payloads.map((payload) => messageOf('op', payload)));
  expect(pair.connection.bytesWritten).toBeLessThan(5_000);
});
