import { DomainError } from '../../platform/errors.ts';

/** One line of the file is no order; the lines around it are not affected. */
export class LineRejected extends DomainError {
  readonly code = 'LINE_REJECTED';
}
