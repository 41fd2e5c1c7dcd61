import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Delivery } from './delivery.ts';

/** A message "next" of graphql-transport-ws, in its two parts. */
export interface Frame {
  prefix: string;
  delivery: Delivery;
}

/** The message up to its payload. A string: small buffers would pin the pool that they were cut from. */
export const framePrefix = (id: string): string =>
  `{"id":${JSON.stringify(id)},"type":"next","payload":`;

const suffix = '}';

export type FrameWriter = (socket: WebSocket, connection: Socket, frames: readonly Frame[]) => void;

/**
 * Writes messages to a WebSocket in one write of its connection. `ws` writes each message whole, so text frames that
 * are written in between are in order; only where compression was negotiated its own `send` is used.
 */
export const createFrameWriter = ({ extensions }: WebSocket): FrameWriter =>
  extensions === '' ? writeFrames : sendEach;

function writeFrames(_socket: WebSocket, connection: Socket, frames: readonly Frame[]) {
  connection.write(encodeFrames(frames));
}

function sendEach(socket: WebSocket, connection: Socket, frames: readonly Frame[]) {
  connection.cork();
  for (const { prefix, delivery } of frames) socket.send(`${prefix}${delivery.payload}${suffix}`);
  connection.uncork();
}

/** Unmasked text frames, as a server sends them (RFC 6455, section 5.2). */
export function encodeFrames(frames: readonly Frame[]): Buffer {
  const lengths = frames.map(messageLength);
  const total = lengths.reduce((sum, length) => sum + headerLength(length) + length, 0);
  const buffer = Buffer.allocUnsafe(total);
  let offset = 0;
  for (const [index, { prefix, delivery }] of frames.entries()) {
    offset = writeHeader(buffer, offset, lengths[index] ?? 0);
    offset += buffer.write(prefix, offset);
    offset += delivery.payload.copy(buffer, offset);
    offset += buffer.write(suffix, offset);
  }
  return buffer;
}

const messageLength = ({ prefix, delivery }: Frame) =>
  Buffer.byteLength(prefix) + delivery.payload.length + suffix.length;

const finalText = 0x81;

const headerLength = (length: number) => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

function writeHeader(buffer: Buffer, start: number, length: number): number {
  const offset = buffer.writeUInt8(finalText, start);
  if (length < 126) return buffer.writeUInt8(length, offset);
  if (length < 65_536) return buffer.writeUInt16BE(length, buffer.writeUInt8(126, offset));
  return buffer.writeBigUInt64BE(BigInt(length), buffer.writeUInt8(127, offset));
}
