import type { ExecutionResult } from 'graphql';

export const isStream = (result: unknown): result is AsyncIterableIterator<ExecutionResult> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;

/** For the client that leaves before its stream is pulled: nothing is called on the stream then. */
export function releaseOn(signal: AbortSignal, release: () => void): () => void {
  const end = () => {
    signal.removeEventListener('abort', end);
    release();
  };
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  return end;
}

/** The same stream, which releases something once it has ended in whatever way. */
export function releasedAtEnd<T>(
  stream: AsyncIterableIterator<T>,
  release: () => void,
): AsyncIterableIterator<T> {
  const ending = <R>(step: Promise<R>, isLast: (result: R) => boolean) =>
    step.then(
      (result) => {
        if (isLast(result)) release();
        return result;
      },
      (error) => {
        release();
        throw error;
      },
    );
  const ended = { done: true, value: undefined } as const;
  return {
    next: () => ending(stream.next(), ({ done }) => done === true),
    return: () => ending(stream.return?.() ?? Promise.resolve(ended), () => true),
    throw: (error) => ending(stream.throw?.(error) ?? Promise.resolve(ended), () => true),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
