/** Milliseconds since 1970 in fractions, to compare instants of several processes of one machine. */
export const preciseNow = (): number => toEpoch(performance.now());

/** Converts an instant of this process's monotonic clock. */
export const toEpoch = (instant: number): number => performance.timeOrigin + instant;
