import { open } from 'node:fs/promises';
import { InvalidInput } from '../../platform/errors.ts';
import type { ColumnMap } from './column-map.ts';
import { createOrderDateParser } from './create-order-date-parser.ts';
import { detectDelimiter, measureWidth, parseDelimiter } from './delimiter.ts';
import { ImportStopped } from './import-stopped.ts';
import { parseDecimal } from './parse-decimal.ts';
import { readLines } from './read-lines.ts';
import { readRows } from './read-rows.ts';
import { isByNumber, type ResolvedColumns, resolveColumns } from './resolve-columns.ts';
import type { Delimiter } from './split-fields.ts';

/** What has to be known of a file before its lines can be read. */
export interface FileShape {
  /** Bytes when the import began: what is appended meanwhile is left for the next import. */
  size: number;
  delimiter: Delimiter;
  hasHeader: boolean;
  columns: ResolvedColumns;
  /** How many columns a line has. */
  width: number;
}

interface InspectRequest {
  file: string;
  map: ColumnMap;
  delimiter?: string;
  header?: boolean;
  dateFormat?: string;
}

const headBytes = 64 * 1024;

/** Finds out delimiter, header and columns from the first lines, as far as nobody has said them. */
export async function inspectFile(request: InspectRequest): Promise<FileShape> {
  const { file, map } = request;
  const { size, lines } = await readHead(file);
  const delimiter = request.delimiter
    ? parseDelimiter(request.delimiter)
    : detectDelimiter(lines.slice(0, 50));
  const first = await firstRow(file, { size, delimiter });
  const hasHeader = request.header ?? looksLikeHeader(request, first);
  const width = hasHeader ? first.length : measureWidth(lines, delimiter).width;
  const columns = resolveColumns(map, { header: hasHeader ? first : undefined, width });
  return { size, delimiter, hasHeader, columns, width };
}

async function readHead(file: string) {
  const handle = await open(file).catch((cause: Error) => {
    throw new ImportStopped(`${file} cannot be read: ${cause.message}.`, { cause });
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new InvalidInput(`${file} is not a file.`);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    refuseForeignFormats(file, head);
    return { size: stats.size, lines: wholeLines(file, { head, size: stats.size }) };
  } finally {
    await handle.close();
  }
}

function wholeLines(file: string, { head, size }: { head: Buffer; size: number }) {
  const lines = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  if (size > head.length) lines.pop();
  const filled = lines.filter((line) => line.trim() !== '');
  if (filled.length === 0) throw new InvalidInput(`${file} has no lines to import.`);
  return filled;
}

function refuseForeignFormats(file: string, head: Buffer) {
  const starts = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) {
    throw new InvalidInput(`${file} is UTF-16 text. Save it as UTF-8.`);
  }
  if (starts(0x1f, 0x8b)) throw new InvalidInput(`${file} is compressed: gunzip it first.`);
  if (starts(0x50, 0x4b, 3, 4)) {
    throw new InvalidInput(`${file} is a spreadsheet or an archive. Save the sheet as CSV.`);
  }
}

async function firstRow(
  file: string,
  { size, delimiter }: { size: number; delimiter: Delimiter },
): Promise<string[]> {
  for await (const row of readRows(readLines(file, { from: 0, to: size }), {
    delimiter,
    line: 1,
  })) {
    return row.fields;
  }
  return [];
}

/** Names need a header; with numbers alone, a first line without date and amount is taken for one. */
function looksLikeHeader({ map, dateFormat }: InspectRequest, first: string[]) {
  if (!isByNumber(map)) return true;
  const parseDate = createOrderDateParser({ timeZone: 'utc', format: dateFormat });
  const at = (column: string) => first[Number(column) - 1] ?? '';
  return !parses(parseDate, at(map.date)) && !parses(parseDecimal, at(map.amount));
}

function parses(parse: (text: string) => unknown, text: string) {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}
