import { LineRejected } from './line-rejected.ts';
import type { Line } from './read-lines.ts';
import type { Delimiter } from './split-fields.ts';
import { isQuoteOpen, splitFields } from './split-fields.ts';

/** One record of the file, or what is wrong with the line that should have been one. */
export interface Row {
  /** The line it begins in, the file's first being 1. */
  line: number;
  /** The last line it covers; quoted fields may contain line ends. */
  lastLine: number;
  end: number;
  text: string;
  fields: string[];
  problem?: string;
}

// A quotation mark opened by mistake must not swallow the file: beyond this, its line is rejected
// alone and reading goes on with the very next line.
const mostLinesOfRow = 200;
const mostTextOfRow = 65_536;

/** Puts lines together to rows, `line` being the number of the first; blank lines are left out. */
export async function* readRows(
  chunks: AsyncIterable<Line[]>,
  { delimiter, line }: { delimiter: Delimiter; line: number },
): AsyncGenerator<Row> {
  const ahead = createLookahead(chunks);
  try {
    for (let number = line; ; ) {
      const first = await ahead.peek(0);
      if (!first) return;
      const lines = await gather(ahead, first, delimiter);
      const row = (lines && joined(lines, number, delimiter)) ?? alone(first, number, delimiter);
      const used = row ? row.lastLine - row.line + 1 : 1;
      ahead.drop(used);
      number += used;
      if (row) yield row;
    }
  } finally {
    // Whoever stops early must not leave the file open.
    await ahead.close();
  }
}

type Lookahead = ReturnType<typeof createLookahead>;

function createLookahead(chunks: AsyncIterable<Line[]>) {
  const source = chunks[Symbol.asyncIterator]();
  let queue: Line[] = [];
  let at = 0;
  return {
    async peek(distance: number): Promise<Line | undefined> {
      while (at + distance >= queue.length) {
        const next = await source.next();
        if (next.done) return undefined;
        queue = queue.slice(at).concat(next.value);
        at = 0;
      }
      return queue[at + distance];
    },
    drop(count: number) {
      at += count;
    },
    close: () => source.return?.(),
  };
}

/** The lines of the row that begins with `first`; undefined if its quotation mark is never closed. */
async function gather(ahead: Lookahead, first: Line, delimiter: Delimiter) {
  const lines = [first];
  if (first.cut || !first.text.includes('"')) return lines;
  let text = first.text;
  while (isQuoteOpen(text, delimiter)) {
    const next = await ahead.peek(lines.length);
    if (!next || next.cut || lines.length >= mostLinesOfRow) return undefined;
    lines.push(next);
    text += `\n${next.text}`;
    if (text.length > mostTextOfRow) return undefined;
  }
  return lines;
}

/** Undefined if the lines make no sense together: then a quotation mark of the first is a mistake. */
function joined(lines: Line[], line: number, delimiter: Delimiter): Row | undefined {
  const last = lines.at(-1);
  if (!last || lines.length === 1) return undefined;
  const text = lines.map((part) => part.text).join('\n');
  const row = { line, lastLine: line + lines.length - 1, end: last.end, text };
  const split = trySplit(text, delimiter);
  return split.problem === undefined ? { ...row, ...split } : undefined;
}

function alone({ text, end, cut }: Line, line: number, delimiter: Delimiter): Row | undefined {
  if (text.trim() === '') return undefined;
  const row = { line, lastLine: line, end, text };
  if (cut) return { ...row, fields: [], problem: 'the line is longer than 1 MB' };
  if (isQuoteOpen(text, delimiter)) {
    return { ...row, fields: [], problem: 'a quotation mark is opened, never closed' };
  }
  return { ...row, ...trySplit(text, delimiter) };
}

function trySplit(text: string, delimiter: Delimiter): Pick<Row, 'fields' | 'problem'> {
  try {
    return { fields: splitFields(text, delimiter) };
  } catch (error) {
    if (!(error instanceof LineRejected)) throw error;
    return { fields: [], problem: error.message };
  }
}
