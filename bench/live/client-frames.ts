import { randomBytes } from 'node:crypto';

const opcodes = { text: 1, close: 8, pong: 10 };

/** The request that upgrades a connection to graphql-transport-ws. */
export const upgradeRequest = ({ host }: URL): string =>
  [
    'GET /graphql HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    '\r\n',
  ].join('\r\n');

export const messageFrame = (message: object): Buffer =>
  frame(opcodes.text, Buffer.from(JSON.stringify(message)));

export const pongFrame = (payload: Buffer): Buffer => frame(opcodes.pong, payload);

/** A close frame with the code 1000. */
export const closeFrame = (): Buffer => frame(opcodes.close, Buffer.from([0x03, 0xe8]));

/** A masked frame, as clients send it. A mask of zeros leaves the payload as it is. */
function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 6 : 8);
  header[0] = 0x80 | opcode;
  if (length < 126) header[1] = 0x80 | length;
  else {
    if (length > 0xffff) throw new Error(`A message of ${length} bytes is too long`);
    header[1] = 0x80 | 126;
    header.writeUInt16BE(length, 2);
  }
  return Buffer.concat([header, payload]);
}
