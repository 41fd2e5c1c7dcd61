/**
 * An array parameter as PostgreSQL writes it, for values that need no quotes (ids, numbers, instants):
 * several times cheaper than having each value looked at.
 */
export const arrayText = (values: ReadonlyArray<string | number | Date | null>): string =>
  `{${values.map((value) => (value instanceof Date ? value.toISOString() : (value ?? 'null'))).join(',')}}`;
