/**
 * Formats an array parameter as PostgreSQL does, for values that need no quotes (ids, numbers, instants):
 * several times cheaper than the driver, which inspects each value.
 */
export const arrayText = (values: ReadonlyArray<string | number | Date | null>): string =>
  `{${values.map((value) => (value instanceof Date ? value.toISOString() : (value ?? 'null'))).join(',')}}`;
