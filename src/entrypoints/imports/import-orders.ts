import { basename, resolve } from 'node:path';
import { InvalidInput } from '../../platform/errors.ts';
import { checkpointKey } from './checkpoint.ts';
import type { ColumnMap } from './column-map.ts';
import { createOrderDateParser } from './create-order-date-parser.ts';
import { createOrderReader } from './create-order-reader.ts';
import { createProgress, type ProgressOutput } from './create-progress.ts';
import { cutBatches, type OrderBatch } from './cut-batches.ts';
import { describeSummary, type ImportSummary, summarise } from './describe-summary.ts';
import { acknowledge, closeSession, type ImportSession, openSession } from './import-session.ts';
import { type FileShape, inspectFile } from './inspect-file.ts';
import { type PostOptions, parseServerAddress, type ServerAddress } from './post-json.ts';
import { readLines } from './read-lines.ts';
import { type Row, readRows } from './read-rows.ts';
import { resolveSettings } from './resolve-settings.ts';
import { type Runtime, systemRuntime } from './runtime.ts';
import { sendCalls } from './send-calls.ts';
import { sidePath } from './side-path.ts';

/** The options of an import of one file of orders. */
export interface ImportOrdersOptions {
  file: string;
  /** The server, for example http://127.0.0.1:4000. */
  url: string;
  key: string;
  map: ColumnMap;
  /** Name that identifies the lines. Default: the file's base name. */
  source?: string;
  delimiter?: string;
  header?: boolean;
  /** A luxon format. If absent, common formats are detected. */
  dateFormat?: string;
  /** Default: the workspace's. */
  timeZone?: string;
  currency?: string;
  /** The file for rejected lines. */
  rejectedFile?: string;
  batchBytes?: number;
  /** Stops the import; its reason is thrown. */
  signal?: AbortSignal;
}

const limits = { bytes: 450_000, rows: 1000 };
const timeoutMs = 5 * 60_000;
// Shorter for the first request: then a wrong address is likelier than a restart of the server.
const firstTimeoutMs = 15_000;

/**
 * Sends each line of the file as an `Order Completed` event, in order, and writes progress and summary to `output`.
 * Running it again never counts a line twice.
 */
export async function importOrders(
  request: ImportOrdersOptions,
  output: ProgressOutput,
  runtime: Runtime = systemRuntime,
): Promise<ImportSummary> {
  const server = parseServerAddress(request);
  const rejectedPath = await chooseRejectedPath(request);
  const shape = await inspectFile(request);
  const print = (message: string) => void output.write(`${message}\n`);
  const { signal } = request;
  const post = { runtime, timeoutMs, onRetry: printRetry(print), ...(signal && { signal }) };
  const settings = await resolveSettings(request, server, { ...post, timeoutMs: firstTimeoutMs });
  const source = request.source ?? basename(request.file);
  const { file, map, dateFormat } = request;
  const key = checkpointKey(
    server,
    source,
    map,
    shape.delimiter,
    shape.hasHeader,
    dateFormat,
    settings,
  );

  const isKnown = async (call: object) => {
    const body = JSON.stringify({ batch: [call] });
    const [result] = await sendCalls(server, { body, count: 1 }, post);
    return result?.status === 'duplicate';
  };
  const session = await openSession({ file, size: shape.size, key, rejectedPath, isKnown });
  const { lines } = session.checkpoint.end;
  if (lines > 0)
    print(`Resuming after line ${lines.toLocaleString('en')}, where the last run stopped.`);

  const parseDate = createOrderDateParser({ timeZone: settings.timeZone, format: dateFormat });
  const read = createOrderReader({ ...shape, source, parseDate, currency: settings.currency });
  const bytes = Math.min(request.batchBytes ?? limits.bytes, limits.bytes);
  const batches = cutBatches(rowsOf(session, shape), { read, limits: { ...limits, bytes } });
  await run(session, { batches, server, post, size: shape.size, output });
  const summary = summarise(session);
  print(describeSummary(summary));
  return summary;
}

interface Run {
  batches: AsyncGenerator<OrderBatch>;
  server: ServerAddress;
  post: PostOptions;
  size: number;
  output: ProgressOutput;
}

async function run(session: ImportSession, { batches, server, post, size, output }: Run) {
  const { now } = post.runtime;
  const { end, totals } = session.checkpoint;
  const began = now();
  const progress = createProgress({
    output,
    size,
    from: end.bytes,
    linesBefore: totals.lines,
    now,
  });
  const options = { ...post, onRetry: printRetry(progress.note) };
  try {
    await deliverAll(batches, async (batch) => {
      post.signal?.throwIfAborted();
      const { body, calls } = batch;
      const count = calls.length;
      const results = count === 0 ? [] : await sendCalls(server, { body, count }, options);
      const seconds = totals.seconds + (now() - began) / 1000;
      await acknowledge(session, { batch, results, seconds });
      progress.advance(session.checkpoint.end.bytes, session.checkpoint.totals);
    });
    progress.advance(size, session.checkpoint.totals);
    await closeSession(session);
  } finally {
    progress.stop();
    await session.rejected.close();
  }
}

/** Delivers one batch while the next is prepared. Never delivers two concurrently, because their order could change. */
async function deliverAll(
  batches: AsyncGenerator<OrderBatch>,
  deliver: (batch: OrderBatch) => Promise<void>,
) {
  let next = batches.next();
  try {
    for (let current = await next; !current.done; current = await next) {
      next = batches.next();
      // Awaited after the delivery; until then a failure must not count as an unhandled rejection.
      next.catch(() => {});
      await deliver(current.value);
    }
  } finally {
    await batches.return(undefined);
  }
}

async function* rowsOf({ file, checkpoint }: ImportSession, shape: FileShape): AsyncGenerator<Row> {
  const { bytes, lines } = checkpoint.end;
  const { delimiter, size } = shape;
  let header = shape.hasHeader && bytes === 0;
  const source = readLines(file, { from: bytes, to: size });
  for await (const row of readRows(source, { delimiter, line: lines + 1 })) {
    if (!header) yield row;
    header = false;
  }
}

async function chooseRejectedPath({ file, rejectedFile }: ImportOrdersOptions) {
  if (rejectedFile === undefined) return sidePath(file, '.rejected.csv');
  if (resolve(rejectedFile) === resolve(file)) {
    throw new InvalidInput('The file for rejected lines must not be the imported file.');
  }
  return rejectedFile;
}

const printRetry = (print: (message: string) => void) => (reason: string, seconds: number) =>
  print(`Retrying in ${seconds} s: ${reason}.`);
