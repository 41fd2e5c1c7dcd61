import type { ServerResponse } from 'node:http';

/**
 * Sends the response of a fetch handler. A streaming body is pulled as fast as the client reads, and is
 * cancelled when the client disconnects, also before the response starts.
 */
export async function sendResponse(source: Response, response: ServerResponse): Promise<void> {
  if (response.destroyed) {
    await source.body?.cancel();
    return;
  }
  response.writeHead(source.status, Object.fromEntries(source.headers));
  if (!source.body) return void response.end();
  const isStream = source.headers.get('content-type')?.startsWith('text/event-stream');
  if (isStream) return pump(source.body[Symbol.asyncIterator](), response);
  response.end(Buffer.from(await source.arrayBuffer()));
}

async function pump(chunks: AsyncIterator<Uint8Array>, response: ServerResponse): Promise<void> {
  const cancel = () => void chunks.return?.().catch(() => undefined);
  response.once('close', cancel);
  try {
    for (;;) {
      const { done, value } = await chunks.next();
      if (done) break;
      if (!response.write(value)) await waitUntilWritable(response);
    }
  } catch (error) {
    // A cancelled read fails.
    if (!response.destroyed) throw error;
  }
  response.end();
}

function waitUntilWritable(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
