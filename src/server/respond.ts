import type { IncomingMessage, ServerResponse } from 'node:http';
import { DomainError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Tells a refusal with its code; anything else is a bug, told to the log alone. */
export function sendError(response: ServerResponse, error: unknown, log: Log) {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error instanceof DomainError) {
    const { code, message, status } = error;
    sendJson(response, status, { success: false, code, message }, retryAfter(error));
    return;
  }
  const incident = crypto.randomUUID();
  log.error({ err: error, incident }, 'A request failed unexpectedly');
  const message = 'Something went wrong on our side. Quote the incident when you report it.';
  sendJson(response, 500, { success: false, code: 'INTERNAL', message, incident });
}

const retryAfter = ({ retryAfterSeconds: seconds }: DomainError): Record<string, string> =>
  seconds === undefined ? {} : { 'retry-after': String(seconds) };

/** After a refusal the rest of a body is not read on: the connection ends with the answer. */
export function abandonBody(request: IncomingMessage, response: ServerResponse) {
  if (request.complete) return;
  if (!response.headersSent) response.setHeader('connection', 'close');
  response.once('finish', () => request.destroy());
}
