import { DomainError } from '../../platform/errors.ts';

/** The filter is invalid; nothing was queried or stored. `path` is the path of the fault in it. */
export class InvalidFilter extends DomainError {
  readonly code = 'INVALID_FILTER';
  readonly path: string;

  constructor(path: string, problem: string, options?: { names?: string }) {
    super(`${path}: ${problem}.`, options);
    this.path = path;
  }
}
