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

/** The format of a file. */
export interface FileShape {
  /** Bytes at the start of the import; lines appended later are left for the next import. */
  size: number;
  delimiter: Delimiter;
  hasHeader: boolean;
  columns: ResolvedColumns;
  /** The number of columns. */
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

/** Detects delimiter, header and columns from the first lines, unless the request specifies them. */
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

/** The size of a file, and its first lines that are not blank. */
export async function readHead(file: string) {
  const handle = await open(file).catch((cause: Error) => {
    throw new ImportStopped(`${file} cannot be read: ${cause.message}.`, { cause });
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new InvalidInput(`${file} is not a file.`);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    refuseUnsupportedFormats(file, head);
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
  const nonBlank = lines.filter((line) => line.trim() !== '');
  if (nonBlank.length === 0) throw new InvalidInput(`${file} has no lines to import.`);
  return nonBlank;
}

function refuseUnsupportedFormats(file: string, head: Buffer) {
  const starts = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) {
    throw new InvalidInput(`${file} is UTF-16 text. Save it as UTF-8.`);
  }
  if (starts(0x1f, 0x8b))
    throw new InvalidInput(`${file} is compressed. Decompress it with gunzip.`);
  if (starts(0x50, 0x4b, 3, 4)) {
    throw new InvalidInput(`${file} is a spreadsheet or an archive. Save it as CSV.`);
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

/** Column names need a header; with numbers only, a first line without a date and an amount counts as one. */
function looksLikeHeader({ map, dateFormat }: InspectRequest, first: string[]) {
  if (!isByNumber(map)) return true;
  const parseDate = createOrderDateParser({ timeZone: 'utc', format: dateFormat });
  const at = (column: string) => first[Number(column) - 1] ?? '';
  return !canParse(parseDate, at(map.date)) && !canParse(parseDecimal, at(map.amount));
}

function canParse(parse: (text: string) => unknown, text: string) {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}
