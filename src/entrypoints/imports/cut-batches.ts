import type { OrderCall } from './create-order-reader.ts';
import { LineRejected } from './line-rejected.ts';
import type { Row } from './read-rows.ts';

/** A rejected line and the reason. */
export interface Rejection {
  line: number;
  reason: string;
  text: string;
}

/** Consecutive lines of the file: the calls to send and the rejected lines. */
export interface OrderBatch {
  calls: Array<{ call: OrderCall; line: number; text: string }>;
  rejections: Rejection[];
  /** The request body. */
  body: string;
  /** The end of the batch in the file: bytes and lines from its start. */
  end: { bytes: number; lines: number };
}

interface BatchLimits {
  /** The body of a batch is smaller than this. */
  bytes: number;
  rows: number;
}

const frame = '{"batch":[]}'.length;

/** Divides the rows into batches within the limits, in the order of the file. */
export async function* cutBatches(
  rows: AsyncIterable<Row>,
  { read, limits }: { read: (row: Row) => OrderCall; limits: BatchLimits },
): AsyncGenerator<OrderBatch> {
  let draft = emptyBatch();
  for await (const row of rows) {
    const entry = toEntry(row, read, limits.bytes);
    if (isFull(draft, entry.json, limits)) {
      yield finish(draft);
      draft = emptyBatch();
    }
    add(draft, row, entry);
  }
  if (draft.rows > 0) yield finish(draft);
}

type Entry = { call: OrderCall; json: string } | { reason: string; json: '' };

function toEntry(row: Row, read: (row: Row) => OrderCall, maxBytes: number): Entry {
  try {
    const call = read(row);
    const json = JSON.stringify(call);
    if (Buffer.byteLength(json) + frame < maxBytes) return { call, json };
    return { reason: 'the order exceeds the maximum size of a batch', json: '' };
  } catch (error) {
    if (!(error instanceof LineRejected)) throw error;
    return { reason: error.message, json: '' };
  }
}

interface BatchDraft extends Omit<OrderBatch, 'body'> {
  json: string[];
  bytes: number;
  rows: number;
}

const emptyBatch = (): BatchDraft => ({
  calls: [],
  rejections: [],
  end: { bytes: 0, lines: 0 },
  json: [],
  bytes: frame,
  rows: 0,
});

function isFull({ bytes, rows }: BatchDraft, json: string, limits: BatchLimits) {
  if (rows === 0) return false;
  return rows >= limits.rows || bytes + Buffer.byteLength(json) + 1 >= limits.bytes;
}

function add(draft: BatchDraft, row: Row, entry: Entry) {
  const { line, text } = row;
  if ('call' in entry) {
    draft.calls.push({ call: entry.call, line, text });
    draft.json.push(entry.json);
    draft.bytes += Buffer.byteLength(entry.json) + 1;
  } else {
    draft.rejections.push({ line, reason: entry.reason, text });
  }
  draft.rows += 1;
  draft.end = { bytes: row.end, lines: row.lastLine };
}

const finish = ({ calls, rejections, end, json }: BatchDraft): OrderBatch => ({
  calls,
  rejections,
  end,
  body: `{"batch":[${json.join(',')}]}`,
});
