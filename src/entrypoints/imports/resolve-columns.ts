import { InvalidInput } from '../../platform/errors.ts';
import { type ColumnMap, mappedColumns } from './column-map.ts';

/** A column of the file: where it is, and how messages speak of it. */
export interface Column {
  index: number;
  label: string;
}

/** The map with every column found in the file, by the field it fills. */
export type ResolvedColumns = ReadonlyMap<string, Column>;

/** Finds the mapped columns; `header` is absent where the file has none and numbers must do. */
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

/** True if every column is given as a number, so that the file may be without a header. */
export const isByNumber = (map: ColumnMap) =>
  mappedColumns(map).every(({ column }) => /^\d+$/.test(column));

function resolve(
  field: string,
  column: string,
  { header, width }: { header?: string[] | undefined; width: number },
): Column {
  const short = field.replace(/^properties\./, '');
  // Numbers first: a first line of data, taken for a header, must not lend its values as names.
  const number = /^\d+$/.test(column) ? Number(column) : 0;
  if (number >= 1 && number <= width) {
    return { index: number - 1, label: `${short} (${header?.[number - 1] ?? `column ${number}`})` };
  }
  const named = header ? find(header, column) : -1;
  if (named >= 0) return { index: named, label: `${short} (${header?.[named]})` };
  throw new InvalidInput(missing(column, { header, width }));
}

function find(header: string[], column: string) {
  const exact = header.indexOf(column);
  if (exact >= 0) return exact;
  const alike = header.flatMap((name, index) =>
    name.toLowerCase() === column.toLowerCase() ? [index] : [],
  );
  return alike.length === 1 ? (alike[0] ?? -1) : -1;
}

function missing(
  column: string,
  { header, width }: { header?: string[] | undefined; width: number },
) {
  if (header) {
    return `The file has no column "${column}". Its columns are: ${header.join(', ')}. If that looks wrong, say --delimiter.`;
  }
  if (/^\d+$/.test(column)) return `The file has no column ${column}: its lines have ${width}.`;
  return `Without a header line columns are given by number, from 1 to ${width}: "${column}" is none.`;
}
