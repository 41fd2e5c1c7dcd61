const deepest = 32;

/** True when a value nests deeper than any event needs; stops looking as soon as it knows. */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth >= deepest) return true;
  return Object.values(value).some((part) => isTooDeep(part, depth + 1));
}

/** PostgreSQL keeps neither NUL nor half of a surrogate pair; `JSON.stringify` writes both escaped. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89ab][0-9a-f]{2}|d[c-f][0-9a-f]{2})/;

export const isStorableText = (json: string) => !(json.includes('\\u') && unstorable.test(json));
