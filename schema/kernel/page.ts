import { InvalidInput } from '../../src/platform/errors.ts';

/** The page cursor of a row: the list with its order, and the values that it is sorted by. Opaque but not secret. */
const formatPageCursor = (list: string, sortKey: readonly string[]) =>
  Buffer.from(JSON.stringify([list, ...sortKey])).toString('base64url');

type SortKey<Patterns extends readonly RegExp[]> = { [Index in keyof Patterns]: string };

/**
 * Parses a page cursor of `list`. Its values must match the patterns, so that no other text reaches the database.
 * Undefined for an absent cursor.
 * @throws InvalidInput
 */
export function parsePageCursor<const Patterns extends readonly RegExp[]>(
  list: string,
  text: Maybe<string>,
  patterns: Patterns,
): SortKey<Patterns> | undefined {
  if (text === null || text === undefined) return undefined;
  const [of, ...sortKey] = parseTexts(Buffer.from(text, 'base64url').toString()) ?? [];
  const fits =
    sortKey.length === patterns.length && sortKey.every((part, i) => patterns[i]?.test(part));
  if (of === list && fits) return sortKey as unknown as SortKey<Patterns>;
  throw new InvalidInput(
    'The cursor does not belong to this list. Pass `startCursor`, `endCursor` or the `cursor` of an edge unchanged.',
  );
}

function parseTexts(json: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every((part) => typeof part === 'string')
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

type Maybe<T> = T | null | undefined;

export interface PageArgs {
  first?: Maybe<number>;
  last?: Maybe<number>;
  after?: Maybe<string>;
  before?: Maybe<string>;
}

/** The arguments of a list that is read forwards. */
export const firstArg = { defaultValue: 20, description: 'The page size, 1 to 100.' } as const;
export const afterArg = { description: 'The `endCursor` of the previous page.' } as const;

/** @throws InvalidInput unless the number lies between 1 and `max` */
export function requireSize(name: string, size: number, max = 100): number {
  if (size >= 1 && size <= max) return size;
  throw new InvalidInput(`\`${name}\` is ${size}. It must be between 1 and ${max}.`);
}

/** The page size, and whether the page is the end of the range. */
export function pageSize({ first, last }: PageArgs): { size: number; backwards: boolean } {
  if (last === undefined || last === null) {
    return { size: requireSize('first', first ?? 20), backwards: false };
  }
  if (first !== undefined && first !== null) {
    throw new InvalidInput('Pass `first` or `last`, not both.');
  }
  return { size: requireSize('last', last), backwards: true };
}

interface Page<Row> {
  /** The name of the list with its order, to which its cursors are bound. */
  list: string;
  /** One row more than the page size if there are more. Backwards, the last row comes first. */
  rows: readonly Row[];
  args: PageArgs;
  sortKeyOf: (row: Row) => readonly string[];
}

/** The Relay connection of rows that were read with a limit of one more than the page size. */
export function toConnection<Row>({ list, rows, args, sortKeyOf }: Page<Row>) {
  const { size, backwards } = pageSize(args);
  const more = rows.length > size;
  const page = rows.slice(0, size);
  const edges = (backwards ? page.reverse() : page).map((node) => ({
    cursor: formatPageCursor(list, sortKeyOf(node)),
    node,
  }));
  return {
    edges,
    pageInfo: {
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasNextPage: backwards ? args.before != null : more,
      hasPreviousPage: backwards ? more : args.after != null,
    },
  };
}

/** A time in a page cursor: microseconds since 1970. */
export const ticksPattern = /^-?\d{1,17}$/;

/** A position of the change log, or any other count. */
export const numberPattern = /^\d{1,18}$/;
