import type { OrderCall } from './create-order-reader.ts';
import { LineRejected } from './line-rejected.ts';
import type { Row } from './read-rows.ts';

/** A line that is left out, and why. */
export interface Rejection {
  line: number;
  reason: string;
  text: string;
}

/** Neighbouring lines of the file: the calls to send, and what could not become one. */
export interface Batch {
  calls: Array<{ call: OrderCall; line: number; text: string }>;
  rejections: Rejection[];
  /** The request's body, ready to send. */
  body: string;
  /** How far the file is done once the batch is: bytes and lines from its start. */
  end: { bytes: number; lines: number };
}

interface BatchLimits {
  /** A batch's body stays below this. */
  bytes: number;
  rows: number;
}

const frame = '{"batch":[]}'.length;

/** Cuts the rows into batches that respect the limits and the order of the file. */
export async function* cutBatches(
  rows: AsyncIterable<Row>,
  { read, limits }: { read: (row: Row) => OrderCall; limits: BatchLimits },
): AsyncGenerator<Batch> {
  let filling = emptyBatch();
  for await (const row of rows) {
    const entry = toEntry(row, read, limits.bytes);
    if (isFull(filling, entry.json, limits)) {
      yield finish(filling);
      filling = emptyBatch();
    }
    add(filling, row, entry);
  }
  if (filling.rows > 0) yield finish(filling);
}

type Entry = { call: OrderCall; json: string } | { reason: string; json: '' };

function toEntry(row: Row, read: (row: Row) => OrderCall, mostBytes: number): Entry {
  try {
    const call = read(row);
    const json = JSON.stringify(call);
    if (Buffer.byteLength(json) + frame < mostBytes) return { call, json };
    return { reason: 'the order is larger than a whole batch may be', json: '' };
  } catch (error) {
    if (!(error instanceof LineRejected)) throw error;
    return { reason: error.message, json: '' };
  }
}

interface Filling extends Omit<Batch, 'body'> {
  json: string[];
  bytes: number;
  rows: number;
}

const emptyBatch = (): Filling => ({
  calls: [],
  rejections: [],
  end: { bytes: 0, lines: 0 },
  json: [],
  bytes: frame,
  rows: 0,
});

function isFull({ bytes, rows }: Filling, json: string, limits: BatchLimits) {
  if (rows === 0) return false;
  return rows >= limits.rows || bytes + Buffer.byteLength(json) + 1 >= limits.bytes;
}

function add(filling: Filling, row: Row, entry: Entry) {
  const { line, text } = row;
  if ('call' in entry) {
    filling.calls.push({ call: entry.call, line, text });
    filling.json.push(entry.json);
    filling.bytes += Buffer.byteLength(entry.json) + 1;
  } else {
    filling.rejections.push({ line, reason: entry.reason, text });
  }
  filling.rows += 1;
  filling.end = { bytes: row.end, lines: row.lastLine };
}

const finish = ({ calls, rejections, end, json }: Filling): Batch => ({
  calls,
  rejections,
  end,
  body: `{"batch":[${json.join(',')}]}`,
});
