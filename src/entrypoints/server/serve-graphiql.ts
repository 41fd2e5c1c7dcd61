import type { IncomingMessage, ServerResponse } from 'node:http';
import { createPage, type Page } from './graphiql-page.ts';
import { sendJson } from './respond.ts';

const turnedOff = {
  success: false,
  code: 'NOT_FOUND',
  message: 'GraphiQL is off. Send GraphQL operations with POST, as JSON.',
};

/** Whether a browser asks for a page rather than for the answer to an operation. */
export const isForPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && (headers.accept ?? '').includes('text/html');

/** Serves one compressed page to everyone, made when it is first requested. */
export function createGraphiQL({ isOn }: { isOn: boolean }) {
  let made: Promise<Page> | undefined;

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOn) return sendJson(response, 404, turnedOff);
    made ??= createPage();
    const { body, etag, headers } = await made;
    response.setHeaders(new Map(Object.entries({ ...headers, etag, vary: 'Accept' })));
    if (isCurrent(request.headers['if-none-match'], etag)) {
      response.removeHeader('content-encoding');
      response.writeHead(304).end();
      return;
    }
    response.writeHead(200, { 'content-length': body.length }).end(body);
  };
}

const isCurrent = (ifNoneMatch: string | undefined, etag: string): boolean =>
  (ifNoneMatch ?? '').split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()));
