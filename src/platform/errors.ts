/** An expected error: a stable `code` and a message the caller can act on. Anything else thrown is a bug. */
export abstract class DomainError extends Error {
  abstract readonly code: string;
  /** The HTTP status for this error. */
  readonly status: number = 400;
  /** How long a client should wait before it retries; undefined when a retry would fail again. */
  readonly retryAfterSeconds: number | undefined = undefined;

  /** `message` without `names`, for a caller that may not read the names of existing objects. */
  readonly messageWithoutNames: string;

  constructor(message: string, { names, ...options }: ErrorOptions & { names?: string } = {}) {
    super(names === undefined ? message : `${message} ${names}`, options);
    this.messageWithoutNames = message;
    this.name = new.target.name;
  }
}

/** The object does not exist in this workspace. The message is the same for objects of other workspaces. */
export class NotFound extends DomainError {
  readonly code = 'NOT_FOUND';
  override readonly status = 404;

  constructor(what: string) {
    super(`No ${what} with that id in this workspace.`);
  }
}

/** The arguments have the right types, but contradict each other or exceed the limits. */
export class InvalidInput extends DomainError {
  readonly code = 'INVALID_INPUT';
}

/** Both customers are one already. */
export class AlreadyMerged extends DomainError {
  readonly code = 'ALREADY_MERGED';
  override readonly status = 409;

  constructor() {
    super('The two ids already belong to one customer. Undo that merge to separate them.');
  }
}

/** The object is referenced by other objects, which are named in `uses`. */
export class InUse extends DomainError {
  readonly code = 'IN_USE';
  override readonly status = 409;
  readonly uses: readonly string[];

  constructor(
    what: string,
    uses: readonly string[],
    message = `${what} is used by ${uses.join(', ')}: change that first.`,
  ) {
    super(message);
    this.uses = uses;
  }
}

/** A query exceeded its time limit. */
export class QueryTooSlow extends DomainError {
  readonly code = 'QUERY_TOO_SLOW';
  override readonly status = 422;

  constructor(options?: ErrorOptions) {
    super(
      'The query exceeded its time limit of 9 seconds. Request a shorter time range, fewer customers or fewer fields.',
      options,
    );
  }
}

/** The database cannot be reached or refuses service: shutting down, read-only, out of disk. Nothing was acknowledged. */
export class StorageUnavailable extends DomainError {
  readonly code = 'STORAGE_UNAVAILABLE';
  override readonly status = 503;
  override readonly retryAfterSeconds = 1;

  constructor(options?: ErrorOptions) {
    super(
      'The database is temporarily unavailable. No acknowledged data was lost. Try again shortly.',
      options,
    );
  }
}

/** A queue of the server is full. No part of the request was executed. */
export class Overloaded extends DomainError {
  readonly code = 'OVERLOADED';
  override readonly status = 503;
  override readonly retryAfterSeconds = 1;

  constructor(reason = 'The server is overloaded.') {
    super(`${reason} No part of this request was executed. Try again shortly.`);
  }
}

/** The caller exceeded a limit. No part of the request was executed. */
export class RateLimited extends DomainError {
  readonly code = 'RATE_LIMITED';
  override readonly status = 429;
  override readonly retryAfterSeconds: number;

  /** `reason` is a sentence that names the limit; `retryAfterMs` is rounded up to whole seconds. */
  constructor(reason: string, retryAfterMs = 1_000) {
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    super(`${reason} Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`);
    this.retryAfterSeconds = seconds;
  }
}

/** A field resolver tried to read after its operation had ended. Not a bug, and not part of any response. */
export class OperationEnded extends DomainError {
  readonly code = 'OPERATION_ENDED';

  constructor() {
    super('The operation ended before this field was resolved.');
  }
}

/** A bug. The client receives only the incident id, under which the error is logged. */
export class Internal extends DomainError {
  readonly code = 'INTERNAL';
  override readonly status = 500;
  readonly incident = crypto.randomUUID();

  constructor(options?: ErrorOptions) {
    super('Internal server error. Quote the incident id when you report it.', options);
  }
}
