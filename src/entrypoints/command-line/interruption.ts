import { DomainError } from '../../platform/errors.ts';
import { exitCodeOf, onStopSignals, type StopSignal } from '../../platform/stop-signals.ts';

const cleanUpMs = 9_500;

/** A signal ended the command before it was done. */
export class Interrupted extends DomainError {
  readonly code = 'INTERRUPTED';
  readonly exitCode: number;

  constructor(signal: StopSignal, advice: string) {
    super(`Interrupted. ${advice}`.trim());
    this.exitCode = exitCodeOf(signal);
  }
}

/**
 * Runs a command with an abort signal that the first stop signal sets off, with `Interrupted` as its reason. The command
 * then cleans up; a second stop signal does not wait for that.
 */
export async function withInterruption<T>(
  work: (signal: AbortSignal) => Promise<T>,
  advice = '',
): Promise<T> {
  const controller = new AbortController();
  const stopWatching = onStopSignals({
    stop(name) {
      setTimeout(() => process.exit(exitCodeOf(name)), cleanUpMs).unref();
      controller.abort(new Interrupted(name, advice));
    },
    stopNow: (name) => process.exit(exitCodeOf(name)),
  });
  return work(controller.signal).finally(stopWatching);
}
