/** A refusal the caller can act on: a stable `code` and a sentence. Anything else thrown is a bug. */
export abstract class DomainError extends Error {
  abstract readonly code: string;
  /** The HTTP status that says the same. */
  readonly status: number = 400;
  /** How long a client should wait before it tries again; undefined when trying again changes nothing. */
  readonly retryAfterSeconds: number | undefined = undefined;

  /** `message` without the names of what exists: for a caller that may not read them. */
  readonly messageWithoutNames: string;

  constructor(message: string, { names, ...options }: ErrorOptions & { names?: string } = {}) {
    super(names === undefined ? message : `${message} ${names}`, options);
    this.messageWithoutNames = message;
    this.name = new.target.name;
  }
}

/** No such thing in this workspace; a thing of another workspace is answered in the same words. */
export class NotFound extends DomainError {
  readonly code = 'NOT_FOUND';
  override readonly status = 404;

  constructor(what: string) {
    super(`No ${what} with that id in this workspace.`);
  }
}

/** The arguments are well typed, yet make no sense together or lie outside what is allowed. */
export class InvalidInput extends DomainError {
  readonly code = 'INVALID_INPUT';
}

/** Something else is made of it: that has to be changed first. `uses` names what. */
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

/** A question that would take longer to answer than one may. */
export class QueryTooSlow extends DomainError {
  readonly code = 'QUERY_TOO_SLOW';
  override readonly status = 422;

  constructor(options?: ErrorOptions) {
    super(
      'Answering took longer than the nine seconds that one query has. Ask for less at once: a shorter span of time, fewer customers, fewer fields.',
      options,
    );
  }
}

/** The database cannot be reached or does not serve: shutting down, read-only, out of disk; nothing was acknowledged. */
export class StorageUnavailable extends DomainError {
  readonly code = 'STORAGE_UNAVAILABLE';
  override readonly status = 503;
  override readonly retryAfterSeconds = 1;

  constructor(options?: ErrorOptions) {
    super(
      'The database is unavailable at the moment. Nothing was lost: try again shortly.',
      options,
    );
  }
}

/** More work is waiting than the server holds; nothing of the request was carried out. */
export class Overloaded extends DomainError {
  readonly code = 'OVERLOADED';
  override readonly status = 503;
  override readonly retryAfterSeconds = 1;

  constructor(what = 'The server has all the work it can hold.') {
    super(`${what} Nothing of this request was carried out: send it again shortly.`);
  }
}

/** One caller asks for more than its share; nothing of the request was carried out. */
export class RateLimited extends DomainError {
  readonly code = 'RATE_LIMITED';
  override readonly status = 429;
  override readonly retryAfterSeconds: number;

  /** `what` is the limit reached, as a sentence; `retryAfterMs` is rounded up to whole seconds. */
  constructor(what: string, retryAfterMs = 1_000) {
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    super(`${what} Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`);
    this.retryAfterSeconds = seconds;
  }
}

/** A field that still ran when its operation was answered wanted to read: part of no answer, and no bug. */
export class OperationEnded extends DomainError {
  readonly code = 'OPERATION_ENDED';

  constructor() {
    super('The operation was answered before this field was read.');
  }
}

/** A bug. The client learns the number under which it is in the log, nothing else. */
export class Internal extends DomainError {
  readonly code = 'INTERNAL';
  override readonly status = 500;
  readonly incident = crypto.randomUUID();

  constructor(options?: ErrorOptions) {
    super('Something went wrong on our side. Quote the incident when you report it.', options);
  }
}
