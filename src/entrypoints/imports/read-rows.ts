import { LineRejected } from './line-rejected.ts';
import type { Line } from './read-lines.ts';
import type { Delimiter } from './split-fields.ts';
import { isQuoteOpen, splitFields } from './split-fields.ts';

/** One record of the file, or a line with the problem that makes it invalid. */
export interface Row {
  /** Its first line, counted from 1. */
  line: number;
  /** Its last line; quoted fields may contain line ends. */
  lastLine: number;
  end: number;
  text: string;
  fields: string[];
  problem?: string;
}

// Limits for an unclosed quotation mark: beyond them only its line is rejected, and reading continues with the next.
const maxLinesPerRow = 200;
const maxTextPerRow = 65_536;

/** Joins lines to rows. `line` is the number of the first line; blank lines are skipped. */
export async function* readRows(
  chunks: AsyncIterable<Line[]>,
  { delimiter, line }: { delimiter: Delimiter; line: number },
): AsyncGenerator<Row> {
  const lookahead = createLookahead(chunks);
  try {
    for (let number = line; ; ) {
      const first = await lookahead.peek(0);
      if (!first) return;
      const lines = await collectRow(lookahead, first, delimiter);
      const row =
        (lines && parseLines(lines, number, delimiter)) ?? parseLine(first, number, delimiter);
      const used = row ? row.lastLine - row.line + 1 : 1;
      lookahead.drop(used);
      number += used;
      if (row) yield row;
    }
  } finally {
    // Closes the file when the consumer stops early.
    await lookahead.close();
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

/** The lines of the row that starts with `first`; undefined if its quotation mark is never closed. */
async function collectRow(lookahead: Lookahead, first: Line, delimiter: Delimiter) {
  const lines = [first];
  if (first.isTruncated || !first.text.includes('"')) return lines;
  let text = first.text;
  while (isQuoteOpen(text, delimiter)) {
    const next = await lookahead.peek(lines.length);
    if (!next || next.isTruncated || lines.length >= maxLinesPerRow) return undefined;
    lines.push(next);
    text += `\n${next.text}`;
    if (text.length > maxTextPerRow) return undefined;
  }
  return lines;
}

/** Undefined if the lines are no valid row: then a quotation mark of the first line is a mistake. */
function parseLines(lines: Line[], line: number, delimiter: Delimiter): Row | undefined {
  const last = lines.at(-1);
  if (!last || lines.length === 1) return undefined;
  const text = lines.map((part) => part.text).join('\n');
  const row = { line, lastLine: line + lines.length - 1, end: last.end, text };
  const split = trySplit(text, delimiter);
  return split.problem === undefined ? { ...row, ...split } : undefined;
}

function parseLine(source: Line, line: number, delimiter: Delimiter): Row | undefined {
  const { text, end, isTruncated } = source;
  if (text.trim() === '') return undefined;
  const row = { line, lastLine: line, end, text };
  if (isTruncated) return { ...row, fields: [], problem: 'the line is longer than 1 MB' };
  if (isQuoteOpen(text, delimiter)) {
    return { ...row, fields: [], problem: 'a quotation mark is not closed' };
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
