import { DomainError } from '../../platform/errors.ts';

/** A filter that is not valid; nothing was queried or stored. `path` leads to the fault in it. */
export class InvalidFilter extends DomainError {
  readonly code = 'INVALID_FILTER';
  readonly path: string;

  constructor(path: string, problem: string, options?: { names?: string }) {
    super(`${path}: ${problem}.`, options);
    this.path = path;
  }
}
