const maxDepth = 32;

/** Whether a value is nested too deeply for an event. */
export const isTooDeep = (value: unknown): boolean => isDeeper(value, maxDepth);

/** Whether a value has more than this many levels. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels <= 0) return true;
  return Object.values(value).some((part) => isDeeper(part, levels - 1));
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair; `JSON.stringify` escapes both. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89ab][0-9a-f]{2}|d[c-f][0-9a-f]{2})/;

export const isStorableText = (json: string) => !(json.includes('\\u') && unstorable.test(json));
