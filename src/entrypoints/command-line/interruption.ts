import { DomainError } from '../../platform/errors.ts';
import { exitCodeOf, onStopSignals, type StopSignal } from '../../platform/stop-signals.ts';

const cleanUpMs = 9_500;

/** A signal interrupted the command. */
export class Interrupted extends DomainError {
  readonly code = 'INTERRUPTED';
  readonly exitCode: number;

  constructor(signal: StopSignal, advice: string) {
    super(`Interrupted. ${advice}`.trim());
    this.exitCode = exitCodeOf(signal);
  }
}

/**
 * Runs a command with an abort signal. The first stop signal aborts it with `Interrupted` as the reason, so that the
 * command can clean up; a second stop signal exits immediately.
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
