import type { IncomingMessage, ServerResponse } from 'node:http';
import { createPage, type Page } from './graphiql-page.ts';
import { sendJson } from './respond.ts';

const disabled = {
  success: false,
  code: 'NOT_FOUND',
  message: 'GraphiQL is disabled. Send GraphQL operations with POST, as JSON.',
};

/** Whether a browser requests the GraphiQL page rather than the result of an operation. */
export const isPageRequest = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && (headers.accept ?? '').includes('text/html');

/** Serves one compressed page, built on first request. */
export function createGraphiQL({ isEnabled }: { isEnabled: boolean }) {
  let page: Promise<Page> | undefined;

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isEnabled) return sendJson(response, 404, disabled);
    page ??= createPage();
    const { body, etag, headers } = await page;
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
