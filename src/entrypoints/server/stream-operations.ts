import { DomainError } from '../../platform/errors.ts';

export const maxOperationsPerStream = 50;

/** The stream or its key has as many operations as it may have. */
export class TooManyOperations extends DomainError {
  readonly code = 'TOO_MANY_OPERATIONS';
  override readonly status = 429;
}

class OperationAlreadyExists extends DomainError {
  readonly code = 'OPERATION_ALREADY_EXISTS';
  override readonly status = 409;

  constructor() {
    super('The event stream already has an operation with this id. Use another id.');
  }
}

/** One operation of an event stream. */
export interface StreamOperation {
  readonly id: string;
  /** Aborts when the operation ends, for any reason. */
  readonly signal: AbortSignal;
  end(): void;
}

/** The operations of one event stream by id. */
export interface StreamOperations {
  count(): number;
  /** @throws OperationAlreadyExists; TooManyOperations beyond 50 */
  begin(id: string): StreamOperation;
  /** Ends the operation with this id, if there is one. */
  end(id: string): void;
  endAll(): void;
}

export function createStreamOperations(): StreamOperations {
  const operations = new Map<string, StreamOperation>();

  function create(id: string): StreamOperation {
    const ending = new AbortController();
    const operation = {
      id,
      signal: ending.signal,
      end() {
        // A later operation may have the same id.
        if (operations.get(id) === operation) operations.delete(id);
        ending.abort();
      },
    };
    return operation;
  }

  return {
    count: () => operations.size,
    begin(id) {
      if (operations.has(id)) throw new OperationAlreadyExists();
      if (operations.size >= maxOperationsPerStream) {
        throw new TooManyOperations(
          `One event stream allows at most ${maxOperationsPerStream} concurrent operations.`,
        );
      }
      const operation = create(id);
      operations.set(id, operation);
      return operation;
    },
    end: (id) => operations.get(id)?.end(),
    endAll() {
      for (const operation of operations.values()) operation.end();
    },
  };
}
