import { connect } from 'node:net';
import { closeFrame, messageFrame, pongFrame, upgradeRequest } from './client-frames.ts';
import { createFrameReader } from './frame-reader.ts';
import type { FrameRecorder, SocketState } from './frame-recorder.ts';

export interface SocketRequest {
  url: string;
  key: string;
  query: string;
  variables: Record<string, unknown>;
  localAddress: string | undefined;
}

export interface LoadSocket {
  pause(): void;
  resume(): void;
  /** Leaves like a client: with a close frame, which the server answers. */
  leave(): void;
}

export interface SocketEvents {
  /** The server has accepted the client, and the subscription is sent. */
  onSubscribed(): void;
  /** The reason: a close code or error code, the status of a refused handshake, or the message that ended the subscription. */
  onClosed(reason: string | number): void;
}

/** All connections of the process read into it: a chunk is handled before the next one is read. */
const sharedBuffer = Buffer.allocUnsafe(256 * 1024);
const cutOff = 1006;
const headEnd = Buffer.from('\r\n\r\n');
const cursorStart = Buffer.from('"cursor":"');

/** One WebSocket with one subscription, on a plain TCP connection: official clients are slower than the server. */
export function openLoadSocket(
  request: SocketRequest,
  state: SocketState,
  recorder: FrameRecorder,
  events: SocketEvents,
): LoadSocket {
  const url = new URL(request.url);
  let head = '';
  let isUpgraded = false;
  let closeReason: string | number = cutOff;
  let latest: { bytes: Buffer; end: number } | undefined;

  const connection = connect({
    host: url.hostname,
    port: Number(url.port),
    ...(request.localAddress && { localAddress: request.localAddress }),
    noDelay: true,
    onread: {
      buffer: sharedBuffer,
      callback(bytes) {
        receive(sharedBuffer.subarray(0, bytes));
        return true;
      },
    },
  });
  connection.once('connect', () => connection.write(upgradeRequest(url)));
  connection.on('error', (error: NodeJS.ErrnoException) => {
    closeReason = error.code ?? error.message;
  });
  connection.once('close', () => events.onClosed(closeReason));

  const readFrames = createFrameReader({
    onText(bytes, start, end) {
      if (!isNext(bytes, start)) return handleMessage(bytes.subarray(start, end));
      recorder.record(state, bytes, start, end);
      latest = { bytes, end };
    },
    onPing: (payload) => connection.write(pongFrame(payload)),
    onClose(code) {
      closeReason = code;
      connection.end(closeFrame());
    },
  });

  function receive(chunk: Buffer) {
    if (!isUpgraded) return receiveHead(chunk);
    readFrames(chunk);
    if (latest) state.cursor = readCursor(latest.bytes, latest.end);
    latest = undefined;
  }

  function receiveHead(chunk: Buffer) {
    const at = chunk.indexOf(headEnd);
    head += chunk.toString('latin1', 0, at < 0 ? chunk.length : at);
    if (at < 0) return;
    const status = Number(head.slice('HTTP/1.1 '.length).slice(0, 3));
    if (status !== 101) {
      closeReason = status;
      return void connection.destroy();
    }
    isUpgraded = true;
    head = '';
    connection.write(messageFrame({ type: 'connection_init', payload: { key: request.key } }));
    receive(chunk.subarray(at + headEnd.length));
  }

  function handleMessage(text: Buffer) {
    const { type } = JSON.parse(text.toString()) as { type: string };
    if (type === 'connection_ack') subscribe();
    else if (type === 'ping') connection.write(messageFrame({ type: 'pong' }));
    else {
      closeReason = text.toString();
      connection.destroy();
    }
  }

  function subscribe() {
    const variables = { ...request.variables, ...(state.cursor && { after: state.cursor }) };
    const payload = { query: request.query, variables };
    connection.write(messageFrame({ id: '1', type: 'subscribe', payload }));
    events.onSubscribed();
  }

  return {
    pause: () => connection.pause(),
    resume: () => connection.resume(),
    leave: () => connection.write(closeFrame()),
  };
}

/** Whether a message begins with `{"id":"1","type":"next"`: by two bytes, because it is asked of every frame. */
const isNext = (bytes: Buffer, start: number) =>
  bytes[start + 18] === 0x6e && bytes[start + 19] === 0x65;

function readCursor(bytes: Buffer, end: number): string {
  const start = bytes.lastIndexOf(cursorStart, end) + cursorStart.length;
  return bytes.toString('latin1', start, bytes.indexOf('"', start));
}
