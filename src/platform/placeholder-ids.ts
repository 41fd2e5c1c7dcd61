/**
 * What programs send as an id that they do not know: the absent values of programming languages, the names of fields
 * that were not filled in, and the names that shops give to everybody who is not signed in.
 */
export const defaultPlaceholderIds = [
  ...['undefined', 'null', '(null)', '<null>', 'nil', '<nil>', 'none', 'nan', 'infinity'],
  ...['true', 'false', '0', '-1', '-', '--', '?', '{}', '[]', '[object object]'],
  ...['n/a', 'na', '(not set)', 'not set', 'unknown', 'empty'],
  ...['anonymous', 'anon', 'guest', 'not_authenticated', 'unauthenticated'],
  ...[
    'id',
    'userid',
    'user_id',
    'anonymousid',
    'anonymous_id',
    'distinctid',
    'distinct_id',
    'email',
  ],
  ...['00000000-0000-0000-0000-000000000000', '00000000000000000000000000000000'],
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
];

/** Decides which ids identify no customer and nothing. */
export interface PlaceholderIds {
  /** Whether the id is listed, ignoring case, surrounding blanks and quotation marks, or is blank. */
  has(id: string): boolean;
}

const visible = /[^\s\p{C}]/u;
const quoted = /^(["'`])(.*)\1$/s;

export function createPlaceholderIds(listed: readonly string[]): PlaceholderIds {
  const normalised = new Set(listed.map(normalise));
  return {
    has(id) {
      const text = normalise(id);
      return !visible.test(text) || normalised.has(text);
    },
  };
}

function normalise(id: string): string {
  const text = id.trim();
  return (quoted.exec(text)?.[2] ?? text).trim().toLowerCase();
}
