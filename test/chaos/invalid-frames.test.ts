import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cleanUp, createFolder } from '../support/embedded-owners.ts';
import { frame } from '../support/frames.ts';
import { handshake, openConnection } from '../support/raw-connection.ts';
import { endServers, type ServerProcess, startServerProcess } from '../support/server-process.ts';

/** Each message takes a turn of the event loop, so later packets arrive while these wait. */
const pending = Buffer.concat(Array.from({ length: 5_000 }, () => frame('pong')));
const invalidText = Buffer.from([0xff, 0xfe]);

let server: ServerProcess;

beforeAll(async () => {
  server = await startServerProcess(await createFolder());
});
afterAll(async () => {
  await endServers();
  await cleanUp();
});

it.each([
  ['a text that is not UTF-8', 1007, frame('text', invalidText)],
  ['a reserved close code', 1002, frame('close', Buffer.from([0xff, 0xff]))],
  ['a close reason that is not UTF-8', 1007, frame('close', Buffer.from([0x03, 0xe8, 0xff]))],
  ['a message in too many fragments', 1008, fragments(300)],
])('closes only the socket that sends %s', async (_name, code, invalid) => {
  const connection = await openConnection(server.url);
  connection.socket.setNoDelay(true);
  connection.write(handshake('/graphql'));
  await connection.until((text) => text.includes('101 Switching'));
  for (const packet of [pending, invalid, pending, pending]) {
    connection.write(packet);
    // Packets written without a pause would arrive as one.
    await wait(5);
  }

  expect(closeCodeAtEnd(await connection.closed)).toBe(code);
  const { status } = await fetch(`${server.url}/health`);
  expect({ status, errors: server.errors() }).toEqual({ status: 200, errors: '' });
});

function fragments(count: number): Buffer {
  const first = frame('text', 'x', { isFinal: false });
  const next = frame('continuation', 'x', { isFinal: false });
  return Buffer.concat([first, ...Array.from({ length: count }, () => next)]);
}

/** The last frame is a close frame with a code alone. */
function closeCodeAtEnd(text: string): number {
  return Buffer.from(text, 'latin1').readUInt16BE(text.length - 2);
}
