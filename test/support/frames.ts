const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A WebSocket frame as a client sends it; the mask is zero, so that the payload stays readable. */
export function frame(
  kind: keyof typeof opcodes,
  payload: string | Buffer = '',
  { isFinal = true }: { isFinal?: boolean } = {},
): Buffer {
  const body = Buffer.from(payload);
  const first = (isFinal ? 0x80 : 0) | opcodes[kind];
  return Buffer.concat([Buffer.from([first, ...lengthOf(body)]), Buffer.alloc(4), body]);
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 126) return Buffer.from([0x80 | length]);
  if (length < 65_536) return Buffer.from([0x80 | 126, length >> 8, length & 0xff]);
  const long = Buffer.alloc(9);
  long[0] = 0x80 | 127;
  long.writeBigUInt64BE(BigInt(length), 1);
  return long;
}

/** A message of graphql-transport-ws. */
export const message = (value: object): Buffer => frame('text', JSON.stringify(value));
