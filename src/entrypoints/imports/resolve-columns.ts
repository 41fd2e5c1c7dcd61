import { InvalidInput } from '../../platform/errors.ts';
import { type ColumnMap, mappedColumns } from './column-map.ts';

/** A column of the file: its position, and its name in messages. */
export interface Column {
  index: number;
  label: string;
}

/** The mapped columns by field. */
export type ResolvedColumns = ReadonlyMap<string, Column>;

/** Finds the mapped columns; `header` is absent if the file has none. */
export function resolveColumns(
  map: ColumnMap,
  { header, width }: { header?: string[] | undefined; width: number },
): ResolvedColumns {
  const resolved = new Map<string, Column>();
  for (const { field, column } of mappedColumns(map)) {
    resolved.set(field, resolve(field, column, { header, width }));
  }
  return resolved;
}

/** Whether every column is given as a number, so that no header is needed. */
export const isByNumber = (map: ColumnMap) =>
  mappedColumns(map).every(({ column }) => /^\d+$/.test(column));

function resolve(
  field: string,
  column: string,
  { header, width }: { header?: string[] | undefined; width: number },
): Column {
  const short = field.replace(/^properties\./, '');
  // Numbers first: if a line of data is mistaken for a header, its values must not match as names.
  const number = /^\d+$/.test(column) ? Number(column) : 0;
  if (number >= 1 && number <= width) {
    return { index: number - 1, label: `${short} (${header?.[number - 1] ?? `column ${number}`})` };
  }
  const named = header ? findName(header, column) : -1;
  if (named >= 0) return { index: named, label: `${short} (${header?.[named]})` };
  throw new InvalidInput(explainMissing(column, { header, width }));
}

function findName(header: string[], column: string) {
  const exact = header.indexOf(column);
  if (exact >= 0) return exact;
  const matches = header.flatMap((name, index) =>
    name.toLowerCase() === column.toLowerCase() ? [index] : [],
  );
  return matches.length === 1 ? (matches[0] ?? -1) : -1;
}

function explainMissing(
  column: string,
  { header, width }: { header?: string[] | undefined; width: number },
) {
  if (header) {
    return `The file has no column "${column}". Its columns are: ${header.join(', ')}. If these are wrong, pass --delimiter.`;
  }
  if (/^\d+$/.test(column)) return `The file has no column ${column}: its lines have ${width}.`;
  return `"${column}" is not a column number. Without a header, use numbers from 1 to ${width}.`;
}
