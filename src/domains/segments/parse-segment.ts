import { InvalidInput } from '../../platform/errors.ts';
import { parseLabel } from '../lifecycles/parse-stages.ts';

const maxTags = 20;

/** @throws InvalidInput */
export function parseTags(tags: readonly string[]): string[] {
  if (tags.length > maxTags) throw new InvalidInput(`tags: must have at most ${maxTags} entries.`);
  return [...new Set(tags.map((tag, index) => parseLabel(tag, `tags.${index}`)))];
}

const maxKeyLength = 64;

/** Derives a key from a name: "BUYERS_IN_MAY" from "Buyers in May". */
export function keyFromName(name: string): string {
  const letters = name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase();
  const words = letters.replace(/[^A-Z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  const key = /^[A-Z]/.test(words) ? words : `SEGMENT_${words}`;
  return key.slice(0, maxKeyLength).replace(/_+$/, '');
}

/** Returns the key, or, if it is taken, the key with the first free number. */
export function uniqueKey(key: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : `_${number}`;
    const candidate = key.slice(0, maxKeyLength - suffix.length) + suffix;
    if (!taken.has(candidate)) return candidate;
  }
}
