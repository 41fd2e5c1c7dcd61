import { createReadStream } from 'node:fs';

/** A line of the file without its line end. */
export interface Line {
  text: string;
  /** The byte offset after the line and its line end. */
  end: number;
  /** Whether only the beginning of an overlong line is included. */
  isTruncated: boolean;
}

const maxLineBytes = 1024 * 1024;
const truncatedBytes = 1024;
const lineFeed = 10;

/** Reads the bytes [from, to) as lines, chunk by chunk, in constant memory. */
export async function* readLines(
  file: string,
  { from, to }: { from: number; to: number },
): AsyncGenerator<Line[]> {
  if (from >= to) return;
  let offset = from;
  let dropped = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { start: from, end: to - 1 })) {
    const buffer = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    const lines: Line[] = [];
    let begin = 0;
    for (let at = buffer.indexOf(lineFeed); at >= 0; at = buffer.indexOf(lineFeed, begin)) {
      const isTruncated = dropped > 0;
      offset += at + 1 - begin + dropped;
      lines.push({ text: decode(buffer.subarray(begin, at)), end: offset, isTruncated });
      dropped = 0;
      begin = at + 1;
    }
    rest = buffer.subarray(begin);
    if (rest.length > maxLineBytes) {
      dropped += rest.length - truncatedBytes;
      rest = rest.subarray(0, truncatedBytes);
    }
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [{ text: decode(rest), end: to, isTruncated: dropped > 0 }];
}

// Removes the byte order mark of every line, because files may have been concatenated.
const decode = (bytes: Buffer) =>
  bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r$/, '');
