import { InvalidInput } from '../../platform/errors.ts';
import { parseLabel } from '../lifecycles/parse-stages.ts';

const mostTags = 20;

/** @throws InvalidInput */
export function parseTags(tags: readonly string[]): string[] {
  if (tags.length > mostTags) throw new InvalidInput(`tags: at most ${mostTags}.`);
  return [...new Set(tags.map((tag, index) => parseLabel(tag, `tags.${index}`)))];
}

const longestKey = 64;

/** A key made of a name, such as "BUYERS_IN_MAY" of "Buyers in May". */
export function keyFromName(name: string): string {
  const letters = name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase();
  const words = letters.replace(/[^A-Z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  const key = /^[A-Z]/.test(words) ? words : `SEGMENT_${words}`;
  return key.slice(0, longestKey).replace(/_+$/, '');
}

/** The key, or, where it is taken, the first one with a number that is not. */
export function freeKey(key: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const ending = number === 1 ? '' : `_${number}`;
    const candidate = key.slice(0, longestKey - ending.length) + ending;
    if (!taken.has(candidate)) return candidate;
  }
}
