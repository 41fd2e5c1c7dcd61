import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

const channel = 'http.server.request.start';

/** Records the bytes that wait in the response of the next event stream that is opened with a token in its URL. */
export function recordBacklog() {
  let found: ServerResponse | undefined;
  let max = 0;

  function recordWrites(response: ServerResponse) {
    const write = response.write.bind(response) as (chunk: string) => boolean;
    response.write = ((chunk: string) => {
      const isBelowMark = write(chunk);
      max = Math.max(max, response.writableLength);
      return isBelowMark;
    }) as ServerResponse['write'];
  }

  const onRequest = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.method !== 'GET' || !request.url?.includes('token=')) return;
    found = response;
    recordWrites(response);
  };
  subscribe(channel, onRequest);

  return {
    response: () => found,
    /** The largest number of bytes that waited after a write. */
    max: () => max,
    stop: () => void unsubscribe(channel, onRequest),
  };
}
