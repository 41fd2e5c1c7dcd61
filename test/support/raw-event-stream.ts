/** Server-Sent Events as text, for as long as the server keeps the stream open. */
export interface RawEventStream {
  status: number;
  headers: Headers;
  /** Resolves once the condition holds for the received text. */
  until(condition: (text: string) => boolean): Promise<string>;
  /** Resolves with all received text when the server has ended the stream. */
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
  return readEventStream(response, leaving);
}

/** Reads a response until the server ends it; the controller aborts the request. */
export function readEventStream(response: Response, leaving: AbortController): RawEventStream {
  const decoder = new TextDecoder();
  const waiting = new Set<() => void>();
  let text = '';

  async function readAll() {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      for (const check of waiting) check();
    }
    return text;
  }
  const ended = readAll();
  // Awaiting callers still receive the error; a cancelled stream must not count as an unhandled rejection.
  ended.catch(() => undefined);

  return {
    status: response.status,
    headers: response.headers,
    until: (condition) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!condition(text)) return;
          waiting.delete(check);
          resolve(text);
        };
        waiting.add(check);
        check();
        ended.then(() => reject(new Error(`The stream ended after: ${text}`)), reject);
      }),
    ended,
    cancel: () => leaving.abort(),
  };
}
