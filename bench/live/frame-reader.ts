/** What a WebSocket server sends. Text is given as a range of bytes, which are valid during the call only. */
export interface FrameHandler {
  onText(bytes: Buffer, start: number, end: number): void;
  onPing(payload: Buffer): void;
  onClose(code: number): void;
}

const empty = Buffer.alloc(0);
const incomplete = -1;
const noStatus = 1005;
const opcodes = { text: 1, close: 8, ping: 9 };

/**
 * Splits the bytes of a WebSocket server into frames, wherever the chunks are cut. Allocates nothing for complete
 * frames; the incomplete rest of a chunk is copied, so that the caller may reuse its buffer.
 */
export function createFrameReader(handler: FrameHandler): (chunk: Buffer) => void {
  let rest = empty;
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let offset = 0;
    for (let end = frameEnd(bytes, offset); end !== incomplete; end = frameEnd(bytes, offset)) {
      handleFrame(handler, bytes, offset, end);
      offset = end;
    }
    rest = offset === bytes.length ? empty : Buffer.from(bytes.subarray(offset));
  };
}

function handleFrame(handler: FrameHandler, bytes: Buffer, offset: number, end: number) {
  const first = bytes[offset] ?? 0;
  const start = offset + headerBytes(bytes[offset + 1] ?? 0);
  // FIN and the three reserved bits: a server without compression sends whole frames.
  if (first >> 4 !== 8) throw new Error('A frame is fragmented or compressed');
  const opcode = first & 15;
  if (opcode === opcodes.text) handler.onText(bytes, start, end);
  else if (opcode === opcodes.ping) handler.onPing(Buffer.from(bytes.subarray(start, end)));
  else if (opcode === opcodes.close) {
    handler.onClose(end - start >= 2 ? bytes.readUInt16BE(start) : noStatus);
  }
}

/** The offset behind the frame that begins at `offset`. */
function frameEnd(bytes: Buffer, offset: number): number {
  const available = bytes.length - offset;
  if (available < 2) return incomplete;
  const short = bytes[offset + 1] ?? 0;
  const header = headerBytes(short);
  if (available < header) return incomplete;
  const end = offset + header + payloadBytes(bytes, offset, short);
  return end <= bytes.length ? end : incomplete;
}

const headerBytes = (short: number) => (short < 126 ? 2 : short === 126 ? 4 : 10);

function payloadBytes(bytes: Buffer, offset: number, short: number): number {
  if (short < 126) return short;
  if (short === 126) return bytes.readUInt16BE(offset + 2);
  return Number(bytes.readBigUInt64BE(offset + 2));
}
