import type { RefusedEventCode } from './event.ts';

/** The reason why a tracking call is refused. */
export class EventError extends Error {
  readonly code: RefusedEventCode;

  constructor(code: RefusedEventCode, message: string) {
    super(message);
    this.code = code;
  }
}
