import { InvalidFilter } from './invalid-filter.ts';

/** Keys of definitions and stages are case-insensitive. */
export const isSameKey = (a: string, b: string) => a.toUpperCase() === b.toUpperCase();

export const findByKey = <Named extends { key: string }>(named: readonly Named[], key: string) =>
  named.find((one) => isSameKey(one.key, key));

export function unknownKey(
  path: string,
  what: string,
  key: string,
  known: ReadonlyArray<{ key: string }>,
): InvalidFilter {
  const some = known.slice(0, 20).map((one) => one.key);
  const problem = `no ${what} has the key ${JSON.stringify(key)}`;
  return new InvalidFilter(path, problem, { names: `There are: ${some.join(', ') || 'none'}.` });
}
