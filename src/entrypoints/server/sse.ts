import { type ExecutionResult, GraphQLError } from 'graphql';
import type { FetchAPI, Plugin } from 'graphql-yoga';
import { acceptsEventStream } from './accept.ts';
import { publicResult } from './public-result.ts';

const encoder = new TextEncoder();

const isStream = (result: unknown): result is AsyncIterable<ExecutionResult> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;

/** Only streams get to the processors below. */
const iteratorOf = (result: unknown) =>
  (result as AsyncIterable<ExecutionResult>)[Symbol.asyncIterator]();

type Processor = (result: unknown, fetchAPI: FetchAPI) => Response;

/**
 * Subscriptions as Server-Sent Events (graphql-sse's distinct connections mode), with the cursor as the
 * event's id, so that a client which reconnects with `Last-Event-ID` goes on where it was.
 */
export const useResumableEvents = (): Plugin => ({
  onResultProcess({ request, result, setResultProcessor }) {
    if (!isStream(result)) return;
    const isAcceptable = acceptsEventStream(request.headers.get('accept'));
    setResultProcessor(isAcceptable ? sendEvents : refuse, 'text/event-stream');
  },
});

const notAcceptable = new GraphQLError(
  'A subscription is answered with an event stream. Send "Accept: text/event-stream", or subscribe over a WebSocket.',
  { extensions: { code: 'NOT_ACCEPTABLE' } },
);

/** As JSON even where that is not accepted either: a client that fails can say why. */
const refuse: Processor = (result, { Response }) => {
  void iteratorOf(result).return?.();
  return new Response(JSON.stringify({ errors: [notAcceptable] }), {
    status: 406,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  });
};

const sendEvents: Processor = (result, { Response, ReadableStream }) =>
  new Response(new ReadableStream(eventsOf(iteratorOf(result))), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  });

/** Pulled by the reader, heartbeats too: nothing piles up behind a slow one. */
const eventsOf = (
  results: AsyncIterator<ExecutionResult>,
): UnderlyingDefaultSource<Uint8Array> => ({
  async pull(controller) {
    try {
      const { done, value } = await results.next();
      controller.enqueue(encoder.encode(done ? complete : frame(value)));
      if (done) controller.close();
    } catch {
      // Broken off: without `complete` a client comes back and resumes.
      controller.close();
    }
  },
  async cancel() {
    await results.return?.();
  },
});

const complete = 'event: complete\ndata:\n\n';

/** A result of nothing but a cursor is a heartbeat: a comment and an id, which is no event to any client. */
function frame(result: ExecutionResult): string {
  const cursor = result.extensions?.['cursor'];
  const id = typeof cursor === 'string' ? `id: ${cursor}\n` : '';
  if (!('data' in result || 'errors' in result)) return `:\n${id}\n`;
  return `event: next\n${id}data: ${JSON.stringify(publicResult(result))}\n\n`;
}
