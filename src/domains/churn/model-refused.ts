import { DomainError } from '../../platform/errors.ts';
import { ModelRefusal } from '../../statistics/refusals.ts';

/** A model refused its input: an error that the client can act on, with the code of the refusal. */
class ModelRefused extends DomainError {
  readonly code: string;

  constructor(refusal: ModelRefusal) {
    super(refusal.message, { cause: refusal });
    this.code = refusal.code;
  }
}

/** Rethrows, with a refusal of a model as a `DomainError`. */
export function rethrowModelRefusal(error: unknown): never {
  throw error instanceof ModelRefusal ? new ModelRefused(error) : error;
}
