import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Authenticator, Forbidden, Unauthenticated } from '../../access/authenticate.ts';
import type { Limits } from '../../access/limits.ts';
import { isAllowed, type Principal } from '../../access/principal.ts';
import { type EventKind, type EventResult, eventKinds } from '../../engine/ingestion/event.ts';
import type { Ingest } from '../../engine/ingestion/ingest.ts';
import { DomainError, InvalidInput } from '../../platform/errors.ts';
import type { ReportFailure } from '../../platform/failures.ts';
import { parseJson } from '../../platform/parse-json.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { secondsSince } from '../../platform/time/seconds-since.ts';
import { readBody } from './body.ts';
import { keyFromHeader } from './credentials.ts';
import type { TrackingMetrics } from './metrics/tracking-metrics.ts';
import { abandonBody, sendError, sendJson } from './respond.ts';

class MethodNotAllowed extends DomainError {
  readonly code = 'METHOD_NOT_ALLOWED';
  override readonly status = 405;
  constructor() {
    super('Send tracking calls with POST.');
  }
}

class UnknownRoute extends DomainError {
  readonly code = 'NOT_FOUND';
  override readonly status = 404;
  constructor() {
    super(`Unknown route. Use /v1/batch or ${eventKinds.map((kind) => `/v1/${kind}`).join(', ')}.`);
  }
}

const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-max-age': '86400',
  'access-control-expose-headers': 'Retry-After',
};

export interface TrackingOptions {
  authenticator: Authenticator;
  limits: Pick<Limits, 'countRequest'>;
  ingest: Ingest;
  now: Clock;
  report: ReportFailure;
  maxEventBytes: number;
  maxBatchBytes: number;
  metrics: TrackingMetrics;
}

/** The public tracking calls, single or as a batch, as common SDKs send them. */
export function createTrackingRoutes(options: TrackingOptions) {
  return async (request: IncomingMessage, response: ServerResponse, path: string) => {
    const startedAt = performance.now();
    for (const [name, value] of Object.entries(corsHeaders)) response.setHeader(name, value);
    // Any header is allowed, because cookies are never used.
    const requested = request.headers['access-control-request-headers'];
    response.setHeader('access-control-allow-headers', requested ?? 'Authorization, Content-Type');
    try {
      if (request.method === 'OPTIONS') return void response.writeHead(204).end();
      await handle(options, request, response, path);
    } catch (error) {
      abandonBody(request, response);
      sendError(response, error, options.report);
    }
    const status = response.headersSent ? response.statusCode : undefined;
    options.metrics.answered(status, secondsSince(startedAt));
  };
}

async function handle(
  options: TrackingOptions,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) {
  const route = routeOf(path);
  if (request.method !== 'POST') throw new MethodNotAllowed();
  const principal = await principalOf(options, request);
  if (route === 'batch') return handleBatch(options, request, response, principal);
  await handleCall(options, request, response, principal, route);
}

function routeOf(path: string): EventKind | 'batch' {
  const name = path.slice('/v1/'.length).replace(/\/$/, '');
  // Some SDKs use short names of these routes.
  if (name === 'batch' || name === 'b' || name === 'import') return 'batch';
  const kind = eventKinds.find((known) => known === name);
  if (!kind) throw new UnknownRoute();
  return kind;
}

async function principalOf({ authenticator, limits }: TrackingOptions, request: IncomingMessage) {
  const key = keyFromHeader(request.headers.authorization, { basic: true });
  if (key === undefined) throw new Unauthenticated();
  const principal = await authenticator.authenticate(key, request.socket.remoteAddress ?? '');
  limits.countRequest(principal);
  if (!isAllowed(principal, 'ingest')) throw new Forbidden('ingest');
  return principal;
}

async function handleCall(
  { ingest, now, maxEventBytes }: TrackingOptions,
  request: IncomingMessage,
  response: ServerResponse,
  principal: Principal,
  kind: EventKind,
) {
  // The size limit of an event applies to its compact form; twice that leaves room for whitespace.
  const call = await readObject(request, maxEventBytes * 2);
  const [result] = await ingest.ingest(principal.workspaceId, [call], { now: now(), kind });
  if (!result) throw new Error('The call has no result');
  sendJson(response, statusOf(result), { success: result.status !== 'refused', ...result });
}

function statusOf(result: EventResult) {
  if (result.status !== 'refused') return 200;
  return result.code === 'EVENT_TOO_LARGE' ? 413 : 400;
}

async function handleBatch(
  { ingest, now, maxBatchBytes }: TrackingOptions,
  request: IncomingMessage,
  response: ServerResponse,
  principal: Principal,
) {
  const body = await readObject(request, maxBatchBytes);
  const { batch, sentAt, context } = body;
  if (!Array.isArray(batch)) throw new InvalidInput('batch: must be a list of tracking calls');
  const results = await ingest.ingest(principal.workspaceId, withContext(batch, context), {
    now: now(),
    batchSentAt: typeof sentAt === 'string' ? sentAt : undefined,
  });
  const refused = results.filter(({ status }) => status === 'refused').length;
  // 200 only if everything was accepted, for clients that check only the status.
  const status = refused === 0 ? 200 : refused < results.length ? 207 : 400;
  sendJson(response, status, {
    success: refused === 0,
    results: results.map((result, index) => ({ index, ...result })),
  });
}

/** Applies the context of a batch to its calls without their own. */
function withContext(batch: unknown[], context: unknown): unknown[] {
  if (typeof context !== 'object' || context === null) return batch;
  return batch.map((call) =>
    typeof call === 'object' && call !== null && !('context' in call) ? { ...call, context } : call,
  );
}

async function readObject(request: IncomingMessage, maxBytes: number) {
  const text = await readBody(request, maxBytes);
  const value = requireJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInput('The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

function requireJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new InvalidInput('The body is not valid JSON.', { cause: error });
  }
}
