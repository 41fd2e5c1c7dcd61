import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DomainError, Internal } from '../../platform/errors.ts';
import type { ReportFailure } from '../../platform/failures.ts';

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

/** Sends an error with its code, unless the client has disconnected. */
export function sendError(response: ServerResponse, error: unknown, report: ReportFailure) {
  if (response.destroyed) return;
  const failure = report(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { code, message, status } = failure;
  const incident = failure instanceof Internal ? { incident: failure.incident } : {};
  sendJson(response, status, { success: false, code, message, ...incident }, retryAfter(failure));
}

const retryAfter = ({ retryAfterSeconds: seconds }: DomainError): Record<string, string> =>
  seconds === undefined ? {} : { 'retry-after': String(seconds) };

/** Closes the connection after a refusal, so that the rest of the body is not read. */
export function abandonBody(request: IncomingMessage, response: ServerResponse) {
  if (request.complete) return;
  if (!response.headersSent) response.setHeader('connection', 'close');
  response.once('finish', () => request.destroy());
}
