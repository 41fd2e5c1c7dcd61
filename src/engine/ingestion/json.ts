const maxDepth = 32;

/** True when a value nests deeper than any event needs. */
export const isTooDeep = (value: unknown): boolean => isDeeper(value, maxDepth);

/** True when a value has more levels than that; stops looking as soon as it knows. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels <= 0) return true;
  return Object.values(value).some((part) => isDeeper(part, levels - 1));
}

/** PostgreSQL keeps neither NUL nor half of a surrogate pair; `JSON.stringify` writes both escaped. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89ab][0-9a-f]{2}|d[c-f][0-9a-f]{2})/;

export const isStorableText = (json: string) => !(json.includes('\\u') && unstorable.test(json));
