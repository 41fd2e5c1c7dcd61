import { InvalidArgument, InvalidParameters } from '../refusals.ts';

/** @throws InvalidParameters unless each is a finite number above 0 */
export function requireParameters<P extends object>(parameters: P): void {
  // Called for every score: a loop over the names allocates no arrays.
  for (const name in parameters) {
    const value = Number(parameters[name]);
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new InvalidParameters(name, value);
  }
}

/** Above this, sums of times lose the digits that the models need. */
export const maxTime = 1e12;

/** @throws InvalidArgument unless it is a time from 0 to 1e12 units */
export function requireTime(name: string, value: number): void {
  if (!(value >= 0 && value <= maxTime)) {
    throw new InvalidArgument(name, `a time from 0 to ${maxTime}`, value);
  }
}

/** @throws InvalidArgument unless it lies strictly between 0 and 1 */
export function requireThreshold(name: string, value: number): void {
  if (!(value > 0 && value < 1)) {
    throw new InvalidArgument(name, 'a probability strictly between 0 and 1', value);
  }
}

/** @throws InvalidArgument unless it is a whole number of at least `min` */
export function requireInteger(name: string, value: number, min = 0): void {
  if (!Number.isSafeInteger(value) || value < min) {
    throw new InvalidArgument(name, `a whole number of at least ${min}`, value);
  }
}

/** @throws InvalidArgument unless it is a finite number above 0 */
export function requirePositive(name: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgument(name, 'a finite number above 0', value);
  }
}
