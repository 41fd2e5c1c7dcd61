import { type ExecutionResult, GraphQLError } from 'graphql';
import type { FetchAPI, Plugin } from 'graphql-yoga';
import { acceptsEventStream } from './accept.ts';
import { payloadOf } from './live/delivery.ts';

const encoder = new TextEncoder();

const isStream = (result: unknown): result is AsyncIterable<ExecutionResult> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;

/** The processors below receive only streams. */
const iteratorOf = (result: unknown) =>
  (result as AsyncIterable<ExecutionResult>)[Symbol.asyncIterator]();

type Processor = (result: unknown, fetchAPI: FetchAPI) => Response;

/**
 * Sends subscriptions as Server-Sent Events (graphql-sse's distinct connections mode). The event id is the cursor, so
 * that a client that reconnects with `Last-Event-ID` resumes.
 * Decision 0019.
 */
export const useResumableEvents = (): Plugin => ({
  onResultProcess({ request, result, setResultProcessor }) {
    if (!isStream(result)) return;
    const isAcceptable = acceptsEventStream(request.headers.get('accept'));
    setResultProcessor(isAcceptable ? sendEvents : refuse, 'text/event-stream');
  },
});

const notAcceptable = new GraphQLError(
  'The response to a subscription is an event stream. Send "Accept: text/event-stream", or subscribe over a WebSocket.',
  { extensions: { code: 'NOT_ACCEPTABLE' } },
);

/** Sends JSON even if the client does not accept it, so that it can report the reason. */
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

/** Pull-based, heartbeats included, so that nothing accumulates for a slow client. */
const eventsOf = (
  results: AsyncIterator<ExecutionResult>,
): UnderlyingDefaultSource<Uint8Array> => ({
  async pull(controller) {
    try {
      const { done, value } = await results.next();
      controller.enqueue(done ? complete : frame(value));
      if (done) controller.close();
    } catch {
      // Closed without `complete`: the client reconnects and resumes.
      controller.close();
    }
  },
  async cancel() {
    await results.return?.();
  },
});

const complete = encoder.encode('event: complete\ndata:\n\n');
const frameEnd = encoder.encode('\n\n');

/** Formats a result. A heartbeat is a comment and an id, which dispatches no event. */
function frame(result: ExecutionResult): Uint8Array {
  const cursor = result.extensions?.['cursor'];
  const id = typeof cursor === 'string' ? `id: ${cursor}\n` : '';
  const payload = payloadOf(result);
  if (!payload) return encoder.encode(`:\n${id}\n`);
  return Buffer.concat([encoder.encode(`event: next\n${id}data: `), payload, frameEnd]);
}
