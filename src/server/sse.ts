import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';

const heartbeatMs = 12_000;
const encoder = new TextEncoder();
const encode = (text: string) => encoder.encode(text);

const isStream = (result: unknown): result is AsyncIterable<ExecutionResult> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;

/**
 * Subscriptions as Server-Sent Events (graphql-sse's distinct connections mode), with the cursor as the
 * event's id, so that a client which reconnects with `Last-Event-ID` goes on where it was.
 */
export const useResumableEvents = (): Plugin => ({
  onResultProcess({ result, acceptableMediaTypes, setResultProcessor }) {
    if (!isStream(result) || !acceptableMediaTypes.includes('text/event-stream')) return;
    setResultProcessor(
      (stream, { Response }) =>
        new Response(toEventStream(stream as AsyncIterable<ExecutionResult>), {
          headers: {
            'content-type': 'text/event-stream; charset=utf-8',
            'cache-control': 'no-cache, no-transform',
            'x-accel-buffering': 'no',
          },
        }),
      'text/event-stream',
    );
  },
});

/** Pulled by the reader: nothing piles up behind a slow one. */
function toEventStream(stream: AsyncIterable<ExecutionResult>): ReadableStream<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]();
  let heartbeat: NodeJS.Timeout;
  return new ReadableStream({
    start(controller) {
      // Some clients only believe in a connection once they have read something.
      controller.enqueue(encode(':\n\n'));
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encode(':\n\n'));
      }, heartbeatMs);
    },
    async pull(controller) {
      const { done, value } = await iterator.next().catch((error) => {
        clearInterval(heartbeat);
        throw error;
      });
      if (!done) {
        controller.enqueue(encode(frame(value)));
        return;
      }
      clearInterval(heartbeat);
      controller.enqueue(encode('event: complete\ndata:\n\n'));
      controller.close();
    },
    async cancel() {
      clearInterval(heartbeat);
      await iterator.return?.();
    },
  });
}

function frame(result: ExecutionResult): string {
  const cursor = result.extensions?.['cursor'];
  const id = typeof cursor === 'string' ? `id: ${cursor}\n` : '';
  return `event: next\n${id}data: ${JSON.stringify(result)}\n\n`;
}
