import * as domainErrors from './errors.ts';
import { DomainError } from './errors.ts';

/** An error in a form that can be posted between threads; structured clone loses the class and code of an error. */
export interface PackedError {
  name: string;
  message: string;
  stack: string | undefined;
  isRefusal: boolean;
  /** Own properties with plain values: `code`, `status` and the like. */
  properties: Record<string, unknown>;
  cause: PackedError | undefined;
}

const maxCauses = 5;

export function packError(error: unknown, depth = 0): PackedError {
  const { name, message, stack, cause, ...own } =
    error instanceof Error ? describe(error) : describe(new Error(String(error)));
  const plain = Object.entries(own).filter(([, value]) => isPlain(value));
  const properties = Object.fromEntries(plain);
  const hasCause = cause !== undefined && depth < maxCauses;
  return {
    ...{ name, message, stack, properties },
    isRefusal: error instanceof DomainError,
    cause: hasCause ? packError(cause, depth + 1) : undefined,
  };
}

type ErrorClass = { readonly name: string; readonly prototype: Error };

/** Restores the error, with its class if that is in the platform's errors or in `classes`. */
export function unpackError(packed: PackedError, classes: readonly ErrorClass[] = []): Error {
  const { name, message, stack, isRefusal, properties, cause } = packed;
  const known = [...Object.values(domainErrors), ...classes].find((one) => one.name === name);
  const { prototype } = known ?? (isRefusal ? UnknownRefusal : Error);
  const error: Error = Object.create(prototype);
  for (const [key, value] of Object.entries({ name, message, stack })) {
    Object.defineProperty(error, key, { value, configurable: true, writable: true });
  }
  if (cause) Object.defineProperty(error, 'cause', { value: unpackError(cause, classes) });
  return Object.assign(error, properties);
}

/** A `DomainError` of a class that this thread does not know. */
class UnknownRefusal extends DomainError {
  readonly code = 'REFUSED';
}

const describe = (error: Error) => {
  const { name, message, stack, cause } = error;
  return { ...error, name, message, stack, cause };
};

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  return value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value);
}
