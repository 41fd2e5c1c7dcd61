import type { ExecutionResult } from 'graphql';

export const isStream = (result: unknown): result is AsyncIterableIterator<ExecutionResult> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;

/** For a client that disconnects before its stream is pulled: no method of the stream is called then. */
export function releaseOnAbort(signal: AbortSignal, release: () => void): () => void {
  const end = () => {
    signal.removeEventListener('abort', end);
    release();
  };
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  return end;
}

/** Wraps a stream, so that `release` is called when it ends for any reason. */
export function releaseAtEnd<T>(
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
