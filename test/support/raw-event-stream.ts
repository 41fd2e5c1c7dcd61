/** Server-Sent Events as text, read for as long as the server keeps the stream open. */
export interface RawEventStream {
  status: number;
  headers: Headers;
  /** Resolves once the condition holds for all that was received so far. */
  until(wanted: (text: string) => boolean): Promise<string>;
  /** Resolves with everything, when the server has ended the stream. */
  ended: Promise<string>;
  cancel(): void;
}

export async function openEventStream(
  url: string,
  key: string,
  request: { query: string; variables?: object },
  headers: Record<string, string> = {},
): Promise<RawEventStream> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'text/event-stream',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(request),
    signal: leaving.signal,
  });
  const decoder = new TextDecoder();
  const waiting = new Set<() => void>();
  let text = '';

  async function readAll() {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      for (const look of waiting) look();
    }
    return text;
  }
  const ended = readAll();
  // Whoever awaits it is told; whoever cancels does not want to know.
  ended.catch(() => undefined);

  return {
    status: response.status,
    headers: response.headers,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!wanted(text)) return;
          waiting.delete(look);
          resolve(text);
        };
        waiting.add(look);
        look();
        ended.then(() => reject(new Error(`The stream ended after: ${text}`)), reject);
      }),
    ended,
    cancel: () => leaving.abort(),
  };
}
