import { DomainError } from '../../platform/errors.ts';

/** The import cannot continue. The message says what to do, usually to run the same command again. */
export class ImportStopped extends DomainError {
  readonly code = 'IMPORT_STOPPED';
}
