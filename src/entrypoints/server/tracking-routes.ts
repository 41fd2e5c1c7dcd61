import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventKind, EventResult } from '../../engine/ingestion/event.ts';
import type { Ingest } from '../../engine/ingestion/ingest.ts';
import { DomainError, InvalidInput } from '../../platform/errors.ts';
import type { ReportFailure } from '../../platform/failures.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { secondsSince } from '../../platform/time/seconds-since.ts';
import { browserSettings } from './browser-settings.ts';
import type { TrackingMetrics } from './metrics/tracking-metrics.ts';
import { abandonBody, sendError, sendJson } from './respond.ts';
import { allowOrigins } from './tracking-cors.ts';
import { parseTrackingRoute } from './tracking-route.ts';
import { readSent, requireBrowserKey, type Sender, type SenderOptions } from './tracking-sender.ts';

class MethodNotAllowed extends DomainError {
  readonly code = 'METHOD_NOT_ALLOWED';
  override readonly status = 405;
}

export interface TrackingOptions extends SenderOptions {
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
    allowOrigins(request, response);
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
  const route = parseTrackingRoute(path);
  if (route.to === 'settings') return sendSettings(options, request, response, route.key);
  if (request.method !== 'POST') throw new MethodNotAllowed('Send tracking calls with POST.');
  if (route.to === 'batch') return handleBatch(options, request, response);
  await handleCall(options, request, response, route.kind);
}

async function sendSettings(
  options: TrackingOptions,
  request: IncomingMessage,
  response: ServerResponse,
  key: string,
) {
  if (request.method !== 'GET') throw new MethodNotAllowed('Request the settings with GET.');
  await requireBrowserKey(options, request, key);
  sendJson(response, 200, browserSettings(request, key), { 'cache-control': 'no-store' });
}

async function handleCall(
  options: TrackingOptions,
  request: IncomingMessage,
  response: ServerResponse,
  kind: EventKind,
) {
  // The size limit of an event applies to its compact form; twice that leaves room for whitespace.
  const { sender, body } = await readSent(options, request, options.maxEventBytes * 2);
  const [result] = await ingestFrom(options, sender, [body], { kind });
  if (!result) throw new Error('The call has no result');
  sendJson(response, statusOf(result), { success: result.status !== 'refused', ...result });
}

function statusOf(result: EventResult) {
  if (result.status !== 'refused') return 200;
  return result.code === 'EVENT_TOO_LARGE' ? 413 : 400;
}

async function handleBatch(
  options: TrackingOptions,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { sender, body } = await readSent(options, request, options.maxBatchBytes);
  const { batch, sentAt, context } = body;
  if (!Array.isArray(batch)) throw new InvalidInput('batch: must be a list of tracking calls');
  const results = await ingestFrom(options, sender, withContext(batch, context), {
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

const ingestFrom = (
  { ingest, now }: TrackingOptions,
  { principal, trust }: Sender,
  calls: readonly unknown[],
  sent: { kind?: EventKind; batchSentAt?: string | undefined },
) =>
  ingest.ingest(principal.workspaceId, calls, {
    now: now(),
    trust,
    keyId: principal.keyId,
    ...sent,
  });

/** Applies the context of a batch to its calls without their own. */
function withContext(batch: unknown[], context: unknown): unknown[] {
  if (typeof context !== 'object' || context === null) return batch;
  return batch.map((call) =>
    typeof call === 'object' && call !== null && !('context' in call) ? { ...call, context } : call,
  );
}
