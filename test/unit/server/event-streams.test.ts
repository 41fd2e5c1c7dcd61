import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createEventStreams } from '../../../src/entrypoints/server/event-streams.ts';
import { deliver } from '../../../src/entrypoints/server/stream-delivery.ts';

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
    }),
);
afterEach(() => void vi.useRealTimers());

const principal = { workspaceId: 'w', keyId: 'k', scopes: ['read' as const] };

function setUp() {
  const inUse = { sockets: 0, registered: 0 };
  const streams = createEventStreams({
    limits: {
      acquire() {
        inUse.sockets += 1;
        return () => {
          inUse.sockets -= 1;
        };
      },
    },
    connections: {
      register() {
        inUse.registered += 1;
        return () => {
          inUse.registered -= 1;
        };
      },
    },
  });
  return { streams, inUse };
}

/** A response whose client reads only when it is told to. */
function createResponse() {
  const written: string[] = [];
  const response = Object.assign(new EventEmitter(), {
    writableNeedDrain: false,
    writeHead: () => response,
    write: (text: string) => written.push(text),
    end: () => response.emit('close'),
  });
  return {
    written,
    opened: response as unknown as ServerResponse,
    close: () => response.emit('close'),
    setBlocked(isBlocked: boolean) {
      response.writableNeedDrain = isBlocked;
      if (!isBlocked) response.emit('drain');
    },
  };
}

function openStream() {
  const { streams, inUse } = setUp();
  const stream = streams.reserve(principal);
  const response = createResponse();
  stream.open(response.opened);
  return { streams, inUse, stream, ...response };
}

it('ends a reserved stream that is not opened within 30 seconds', () => {
  const { streams, inUse } = setUp();
  const { token } = streams.reserve(principal);

  vi.advanceTimersByTime(29_999);
  const before = streams.find(token, principal).token;
  vi.advanceTimersByTime(1);

  expect(before).toBe(token);
  expect(() => streams.find(token, principal)).toThrow('No event stream with this token');
  expect(inUse).toEqual({ sockets: 0, registered: 0 });
});

it('keeps an open stream, with a heartbeat every 12 seconds, until its response is closed', () => {
  const { streams, inUse, stream, written, close } = openStream();

  vi.advanceTimersByTime(36_000);
  const found = streams.find(stream.token, principal);
  close();

  expect(found).toBe(stream);
  expect(written).toEqual([':\n\n', ':\n\n', ':\n\n', ':\n\n']);
  expect(inUse).toEqual({ sockets: 0, registered: 0 });
  expect(vi.getTimerCount()).toBe(0);
});

it('sends no heartbeat to a client that does not read', () => {
  const { written, setBlocked } = openStream();

  setBlocked(true);
  vi.advanceTimersByTime(60_000);

  expect(written).toEqual([':\n\n']);
});

it('refuses new streams after it was closed, and ends the others', () => {
  const { streams, inUse } = openStream();

  streams.close();

  expect(() => streams.reserve(principal)).toThrow('shutting down');
  expect(inUse).toEqual({ sockets: 0, registered: 0 });
});

it('pulls the next result only when the one before is written', async () => {
  const { stream, written, setBlocked } = openStream();
  let pulled = 0;
  async function* results(): AsyncGenerator<ExecutionResult> {
    for (;;) {
      pulled += 1;
      yield { data: { pulled } };
    }
  }
  setBlocked(true);
  const operation = stream.operations.begin('a');
  const delivered = deliver(results(), operation, stream);
  await nextTurn();
  const whileBlocked = { pulled, written: written.length };

  operation.end();
  await delivered;

  expect(whileBlocked).toEqual({ pulled: 1, written: 1 });
  expect(written).toEqual([':\n\n']);
});

it('drops the waiting results of operations that end, and writes the others in turn', async () => {
  const { stream, written, setBlocked } = openStream();
  setBlocked(true);
  const [ended, ...others] = ['a', 'b', 'c'].map((id) => {
    const operation = stream.operations.begin(id);
    return { operation, done: deliver({ data: null }, operation, stream) };
  });

  ended?.operation.end();
  setBlocked(false);
  await Promise.all([ended, ...others].map((one) => one?.done));

  expect(written.slice(1).sort()).toEqual([
    'event: complete\ndata: {"id":"b"}\n\n',
    'event: complete\ndata: {"id":"c"}\n\n',
    'event: next\ndata: {"id":"b","payload":{"data":null}}\n\n',
    'event: next\ndata: {"id":"c","payload":{"data":null}}\n\n',
  ]);
});

it('writes one result when the client reads again, if that blocks the stream again', async () => {
  const { stream, written, setBlocked, opened } = openStream();
  setBlocked(true);
  for (const id of ['a', 'b', 'c']) {
    void deliver({ data: null }, stream.operations.begin(id), stream);
  }
  opened.write = (text: string) => {
    written.push(text);
    setBlocked(true);
    return false;
  };

  setBlocked(false);
  await nextTurn();

  expect(written.slice(1)).toEqual(['event: next\ndata: {"id":"a","payload":{"data":null}}\n\n']);
});
