import { DomainError } from '../../platform/errors.ts';

/** A filter that cannot be meant; nothing was asked or stored. `path` leads to the fault in it. */
export class InvalidFilter extends DomainError {
  readonly code = 'INVALID_FILTER';
  readonly path: string;

  constructor(path: string, problem: string, options?: { names?: string }) {
    super(`${path}: ${problem}.`, options);
    this.path = path;
  }
}
