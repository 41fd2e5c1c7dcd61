import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Delivery } from './delivery.ts';

/** A message "next" of graphql-transport-ws, in its two parts. */
export interface Frame {
  prefix: Buffer;
  delivery: Delivery;
}

/** The message up to its payload. */
export const framePrefix = (id: string): Buffer =>
  Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);

const suffix = Buffer.from('}');

/**
 * Writes messages to a WebSocket in one write of its connection. `ws` writes each message whole, so text frames that
 * are written in between are in order; only where compression was negotiated its own `send` is used.
 */
export function createFrameWriter(
  socket: WebSocket,
  connection: Socket,
): (frames: readonly Frame[]) => void {
  if (socket.extensions !== '') return (frames) => sendEach(socket, connection, frames);
  return (frames) => void connection.write(encodeFrames(frames));
}

function sendEach(socket: WebSocket, connection: Socket, frames: readonly Frame[]) {
  connection.cork();
  for (const { prefix, delivery } of frames) {
    socket.send(Buffer.concat([prefix, delivery.payload, suffix]), { binary: false });
  }
  connection.uncork();
}

/** Unmasked text frames, as a server sends them (RFC 6455, section 5.2). */
export function encodeFrames(frames: readonly Frame[]): Buffer {
  const lengths = frames.map(({ prefix, delivery }) => prefix.length + delivery.payload.length + 1);
  const total = lengths.reduce((sum, length) => sum + headerLength(length) + length, 0);
  const buffer = Buffer.allocUnsafe(total);
  let offset = 0;
  for (const [index, { prefix, delivery }] of frames.entries()) {
    offset = writeHeader(buffer, offset, lengths[index] ?? 0);
    offset += prefix.copy(buffer, offset);
    offset += delivery.payload.copy(buffer, offset);
    offset += suffix.copy(buffer, offset);
  }
  return buffer;
}

const finalText = 0x81;

const headerLength = (length: number) => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

function writeHeader(buffer: Buffer, start: number, length: number): number {
  const offset = buffer.writeUInt8(finalText, start);
  if (length < 126) return buffer.writeUInt8(length, offset);
  if (length < 65_536) return buffer.writeUInt16BE(length, buffer.writeUInt8(126, offset));
  return buffer.writeBigUInt64BE(BigInt(length), buffer.writeUInt8(127, offset));
}
