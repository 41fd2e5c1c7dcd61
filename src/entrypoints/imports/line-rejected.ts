import { DomainError } from '../../platform/errors.ts';

/** A line is not a valid order. Other lines are not affected. */
export class LineRejected extends DomainError {
  readonly code = 'LINE_REJECTED';
}
