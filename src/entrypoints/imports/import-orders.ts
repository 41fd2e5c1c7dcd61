import { basename, resolve } from 'node:path';
import { InvalidInput } from '../../platform/errors.ts';
import { checkpointKey } from './checkpoint.ts';
import type { ColumnMap } from './column-map.ts';
import { createOrderDateParser } from './create-order-date-parser.ts';
import { createOrderReader } from './create-order-reader.ts';
import { createProgress, type ProgressOutput } from './create-progress.ts';
import { type Batch, cutBatches } from './cut-batches.ts';
import { describeSummary, type ImportSummary, summarise } from './describe-summary.ts';
import { acknowledge, closeSession, type ImportSession, openSession } from './import-session.ts';
import { type FileShape, inspectFile } from './inspect-file.ts';
import { createServer, type PostOptions, type Server } from './post-json.ts';
import { readLines } from './read-lines.ts';
import { type Row, readRows } from './read-rows.ts';
import { resolveSettings } from './resolve-settings.ts';
import { sendCalls } from './send-calls.ts';
import { sidePath } from './side-path.ts';
import { realSurroundings, type Surroundings } from './surroundings.ts';

/** An import of one file of orders, as asked for on the command line. */
export interface OrderImport {
  file: string;
  /** The server, for example http://127.0.0.1:4000. */
  url: string;
  key: string;
  map: ColumnMap;
  /** Name under which the lines are known; the file's base name if absent. */
  source?: string;
  delimiter?: string;
  header?: boolean;
  /** A luxon format; the usual forms are recognised without. */
  dateFormat?: string;
  /** The workspace's if absent. */
  timeZone?: string;
  currency?: string;
  /** Where lines that were left out are written. */
  rejectedFile?: string;
  batchBytes?: number;
  /** Stops the import when it aborts; its reason is thrown. */
  signal?: AbortSignal;
}

const limits = { bytes: 450_000, rows: 1000 };
const patience = 5 * 60_000;
// At the first contact a wrong address is likelier than a restart.
const firstPatience = 15_000;

/**
 * Sends each line of the file as an `Order Completed`, in order, and shows progress and summary on
 * `output`. Running it again, after an interruption or not, counts no line twice.
 */
export async function importOrders(
  request: OrderImport,
  output: ProgressOutput,
  surroundings: Surroundings = realSurroundings,
): Promise<ImportSummary> {
  const server = createServer(request);
  const rejectedPath = await chooseRejectedPath(request);
  const shape = await inspectFile(request);
  const say = (sentence: string) => void output.write(`${sentence}\n`);
  const { signal } = request;
  const post = { surroundings, patience, onRetry: retrySentence(say), ...(signal && { signal }) };
  const settings = await resolveSettings(request, server, { ...post, patience: firstPatience });
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
    say(`Going on after line ${lines.toLocaleString('en')}, where the last run stopped.`);

  const parseDate = createOrderDateParser({ timeZone: settings.timeZone, format: dateFormat });
  const read = createOrderReader({ ...shape, source, parseDate, currency: settings.currency });
  const bytes = Math.min(request.batchBytes ?? limits.bytes, limits.bytes);
  const batches = cutBatches(rowsOf(session, shape), { read, limits: { ...limits, bytes } });
  await run(session, { batches, server, post, size: shape.size, output });
  const summary = summarise(session);
  say(describeSummary(summary));
  return summary;
}

interface Run {
  batches: AsyncGenerator<Batch>;
  server: Server;
  post: PostOptions;
  size: number;
  output: ProgressOutput;
}

async function run(session: ImportSession, { batches, server, post, size, output }: Run) {
  const { now } = post.surroundings;
  const { end, totals } = session.checkpoint;
  const began = now();
  const progress = createProgress({
    output,
    size,
    from: end.bytes,
    linesBefore: totals.lines,
    now,
  });
  const options = { ...post, onRetry: retrySentence(progress.note) };
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

/** One batch is under way while the next is being prepared; never two, or their order could change. */
async function deliverAll(
  batches: AsyncGenerator<Batch>,
  deliver: (batch: Batch) => Promise<void>,
) {
  let next = batches.next();
  try {
    for (let current = await next; !current.done; current = await next) {
      next = batches.next();
      // It is awaited after the delivery; until then its failure is not yet anybody's.
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
  const found = readLines(file, { from: bytes, to: size });
  for await (const row of readRows(found, { delimiter, line: lines + 1 })) {
    if (!header) yield row;
    header = false;
  }
}

async function chooseRejectedPath({ file, rejectedFile }: OrderImport) {
  if (rejectedFile === undefined) return sidePath(file, '.rejected.csv');
  if (resolve(rejectedFile) === resolve(file)) {
    throw new InvalidInput('The rejected lines cannot be written over the file they come from.');
  }
  return rejectedFile;
}

const retrySentence = (say: (sentence: string) => void) => (reason: string, seconds: number) =>
  say(`Trying again in ${seconds} s: ${reason}.`);
