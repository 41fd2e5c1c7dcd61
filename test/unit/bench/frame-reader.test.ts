import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFrameReader } from '../../../bench/live/frame-reader.ts';

/** An unmasked frame, as servers send it. */
function serverFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x80 | opcode;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

/** Reads chunks from a buffer that is overwritten after each, and returns what was reported. */
function read(chunks: readonly Buffer[]): string[] {
  const reported: string[] = [];
  const reader = createFrameReader({
    onText: (bytes, start, end) => reported.push(bytes.toString('utf8', start, end)),
    onPing: (payload) => reported.push(`ping ${payload.toString()}`),
    onClose: (code) => reported.push(`close ${code}`),
  });
  for (const chunk of chunks) {
    const reused = Buffer.from(chunk);
    reader(reused);
    reused.fill(0);
  }
  return reported;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length];
  const sorted = ends.sort((a, b) => a - b);
  return sorted.map((end, index) => bytes.subarray(sorted[index - 1] ?? 0, end));
}

it('reads every frame once and in order, wherever the bytes are cut', () => {
  const lengths = fc.array(fc.constantFrom(0, 1, 125, 126, 300, 65_535, 65_536), { maxLength: 8 });
  fc.assert(
    fc.property(lengths, fc.array(fc.nat(), { maxLength: 20 }), (sizes, places) => {
      const texts = sizes.map((size, index) => String(index).repeat(size));
      const bytes = Buffer.concat(texts.map((text) => serverFrame(1, Buffer.from(text))));
      expect(read(cut(bytes, places))).toEqual(texts);
    }),
  );
});

it('reports pings with their payload and the code of a close frame', () => {
  const code = Buffer.from([0x03, 0xf5]);
  const frames = [
    serverFrame(9, Buffer.from('12')),
    serverFrame(8, code),
    serverFrame(8, Buffer.alloc(0)),
  ];
  expect(read(frames)).toEqual(['ping 12', 'close 1013', 'close 1005']);
});

it('refuses a fragmented frame', () => {
  const fragment = serverFrame(1, Buffer.from('a'));
  fragment[0] = 0x01;
  expect(() => read([fragment])).toThrow('A frame is fragmented or compressed');
});
