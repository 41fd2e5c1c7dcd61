import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { type Authenticator, Unauthenticated } from '../../access/authenticate.ts';
import type { Connections } from '../../access/connections.ts';
import type { Limits } from '../../access/limits.ts';
import type { Principal } from '../../access/principal.ts';
import { DomainError, InvalidInput } from '../../platform/errors.ts';
import { acceptsEventStream } from './accept.ts';
import { keyFromHeader } from './credentials.ts';
import type { EventStream } from './event-stream.ts';
import { createEventStreams } from './event-streams.ts';
import { publicErrors } from './live/public-result.ts';
import type { Origins } from './origins.ts';
import { abandonBody, sendJson } from './respond.ts';
import { type StartOptions, startStreamOperation } from './start-stream-operation.ts';
import { readStreamPayload } from './stream-payload.ts';

const tokenHeader = 'x-graphql-event-stream-token';

class NotAcceptable extends DomainError {
  readonly code = 'NOT_ACCEPTABLE';
  override readonly status = 406;

  constructor() {
    super('Open the event stream with "Accept: text/event-stream".');
  }
}

/** Whether a request to /graphql belongs to the single connection mode: it reserves a stream or has a token. */
export const isStreamRequest = (request: IncomingMessage): boolean =>
  request.method === 'PUT' ||
  (['GET', 'POST', 'DELETE'].includes(request.method ?? '') && tokenOf(request) !== '');

export interface EventStreamOptions extends StartOptions {
  origins: Origins;
  authenticator: Authenticator;
  connections: Connections;
  limits: Limits;
}

/**
 * The single connection mode of graphql-sse: PUT reserves a stream and responds with its token, GET opens it, POST
 * starts an operation on it, DELETE ends one. Each request needs the key that reserved the stream.
 * Decision 0038.
 */
export function serveEventStreams(options: EventStreamOptions) {
  const { authenticator, limits, toClientError } = options;
  const streams = createEventStreams(options);

  async function principalOf({ headers, socket, method }: IncomingMessage): Promise<Principal> {
    const key = keyFromHeader(headers.authorization, { basic: false });
    if (key === undefined) throw new Unauthenticated();
    const principal = await authenticator.authenticate(key, socket.remoteAddress ?? '');
    // An operation counts as a request when it starts.
    if (method !== 'POST') limits.countRequest(principal);
    return principal;
  }

  async function post(request: IncomingMessage, response: ServerResponse, principal: Principal) {
    const { id, payload } = await readStreamPayload(request);
    if (response.destroyed) return;
    // Found again: the stream may have ended while the body was read.
    const stream = streams.find(tokenOf(request), principal);
    streams.requireRoom(stream);
    const operation = stream.operations.begin(id);
    // A client that leaves before the response will not end the operation.
    response.once('close', () => response.writableFinished || operation.end());
    const errors = await startStreamOperation(options, stream, operation, payload);
    if (errors.length > 0) return sendErrors(response, errors);
    // Ended before it had started, by DELETE or with its stream.
    sendEmpty(response, operation.signal.aborted ? 204 : 202);
  }

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const principal = await principalOf(request);
    if (response.destroyed) return;
    const { method } = request;
    if (method === 'PUT') return sendToken(response, streams.reserve(principal).token);
    const stream = streams.find(tokenOf(request), principal);
    if (method === 'POST') return post(request, response, principal);
    if (method === 'GET') return open(request, response, stream);
    stream.operations.end(operationIdOf(request));
    // The same for an operation that has already ended: the client cannot know.
    sendEmpty(response, 200);
  }

  return {
    async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
      response.setHeader('access-control-allow-origin', options.origins.allowHeader(request));
      response.setHeader('access-control-expose-headers', 'Retry-After');
      try {
        await handle(request, response);
      } catch (error) {
        if (response.destroyed) return;
        abandonBody(request, response);
        sendErrors(response, [toClientError(error)]);
      }
    },
    close: streams.close,
  };
}

function open(request: IncomingMessage, response: ServerResponse, stream: EventStream) {
  if (!acceptsEventStream(request.headers.accept)) throw new NotAcceptable();
  stream.open(response);
}

/** From the header, or from the URL for clients that cannot set headers. */
function tokenOf({ headers, url }: IncomingMessage): string {
  const header = headers[tokenHeader];
  return typeof header === 'string' && header !== '' ? header : parameterOf(url, 'token');
}

function operationIdOf({ url }: IncomingMessage): string {
  const id = parameterOf(url, 'operationId');
  if (id === '') throw new InvalidInput('Send the id of the operation as "?operationId=".');
  return id;
}

const parameterOf = (url = '', name: string): string =>
  new URLSearchParams(url.split('?', 2)[1]).get(name) ?? '';

const sendToken = (response: ServerResponse, token: string) =>
  response
    .writeHead(201, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': token.length,
      'cache-control': 'no-store',
    })
    .end(token);

const sendEmpty = (response: ServerResponse, status: number) =>
  response.writeHead(status, status === 204 ? {} : { 'content-length': 0 }).end();

function sendErrors(response: ServerResponse, errors: readonly GraphQLError[]) {
  const http = errors.map(({ extensions }) => extensions['http']).find((one) => one !== undefined);
  const { status = 400, headers } = (http ?? {}) as HttpExtensions;
  sendJson(response, status, { errors: publicErrors(errors) }, headers);
}

interface HttpExtensions {
  status?: number;
  headers?: Record<string, string>;
}
