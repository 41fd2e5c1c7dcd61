import type { ServerResponse } from 'node:http';

/**
 * Sends what a fetch handler answered. A body that streams is pulled as fast as the client reads, and is
 * cancelled when the client leaves, also when it left before the answer began.
 */
export async function sendResponse(answer: Response, response: ServerResponse): Promise<void> {
  if (response.destroyed) {
    await answer.body?.cancel();
    return;
  }
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (!answer.body) return void response.end();
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream');
  if (isStream) return pump(answer.body[Symbol.asyncIterator](), response);
  response.end(Buffer.from(await answer.arrayBuffer()));
}

async function pump(chunks: AsyncIterator<Uint8Array>, response: ServerResponse): Promise<void> {
  const cancel = () => void chunks.return?.().catch(() => undefined);
  response.once('close', cancel);
  try {
    for (;;) {
      const { done, value } = await chunks.next();
      if (done) break;
      if (!response.write(value)) await untilWritable(response);
    }
  } catch (error) {
    // A read that was cancelled fails.
    if (!response.destroyed) throw error;
  }
  response.end();
}

function untilWritable(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
