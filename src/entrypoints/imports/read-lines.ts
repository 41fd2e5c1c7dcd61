import { createReadStream } from 'node:fs';

/** A line of the file without its line end. */
export interface Line {
  text: string;
  /** The file's byte offset behind the line and its line end. */
  end: number;
  /** Set where only the beginning was kept, because no order is that long. */
  cut: boolean;
}

const longestLine = 1024 * 1024;
const keptOfLonger = 1024;
const lineFeed = 10;

/** Reads the bytes [from, to) as lines, a chunk's worth at a time; memory does not grow with the file. */
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
      const cut = dropped > 0;
      offset += at + 1 - begin + dropped;
      lines.push({ text: decode(buffer.subarray(begin, at)), end: offset, cut });
      dropped = 0;
      begin = at + 1;
    }
    rest = buffer.subarray(begin);
    if (rest.length > longestLine) {
      dropped += rest.length - keptOfLonger;
      rest = rest.subarray(0, keptOfLonger);
    }
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [{ text: decode(rest), end: to, cut: dropped > 0 }];
}

// A byte order mark can only be at the file's start, yet in front of any other line it is as
// meaningless, and files get glued together.
const decode = (bytes: Buffer) =>
  bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r$/, '');
