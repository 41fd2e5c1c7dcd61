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

/** Answers a failure with its code; there is no reader when the client has gone. */
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

/** After a refusal the rest of a body is not read on: the connection ends with the answer. */
export function abandonBody(request: IncomingMessage, response: ServerResponse) {
  if (request.complete) return;
  if (!response.headersSent) response.setHeader('connection', 'close');
  response.once('finish', () => request.destroy());
}
