import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import {
  type Authenticator,
  adminKeyId,
  Forbidden,
  Unauthenticated,
} from '../../access/authenticate.ts';
import type { Limits } from '../../access/limits.ts';
import { isAllowed } from '../../access/principal.ts';
import { DomainError } from '../../platform/errors.ts';
import { keyFromHeader } from './credentials.ts';
import { sendJson } from './respond.ts';

/** The key is an admin key, but of one workspace. */
class NotOperator extends DomainError {
  readonly code = 'FORBIDDEN';
  override readonly status = 403;

  constructor() {
    super(
      'The metrics are totals of all workspaces. Use the key of STAGELINE_ADMIN_KEY, or the port of STAGELINE_METRICS_PORT.',
    );
  }
}

const methodNotAllowed = {
  success: false,
  code: 'METHOD_NOT_ALLOWED',
  message: 'Request the metrics with GET.',
};

/** Sends all metrics in Prometheus' text format. */
export async function sendMetrics(
  registry: Registry,
  request: IncomingMessage,
  response: ServerResponse,
) {
  if (request.method !== 'GET') return sendJson(response, 405, methodNotAllowed, { allow: 'GET' });
  const page = await registry.metrics();
  response.writeHead(200, {
    'content-type': registry.contentType,
    'content-length': Buffer.byteLength(page),
    'cache-control': 'no-store',
  });
  response.end(page);
}

/**
 * Requires the key of the operator: the totals of all workspaces are not for the administrator of one of them.
 * Decision 0040.
 *
 * @throws Unauthenticated, Forbidden, NotOperator, RateLimited
 */
export async function requireOperator(
  { authenticator, limits }: { authenticator: Authenticator; limits: Pick<Limits, 'countRequest'> },
  request: IncomingMessage,
): Promise<void> {
  const key = keyFromHeader(request.headers.authorization, { basic: true });
  if (key === undefined) throw new Unauthenticated();
  const principal = await authenticator.authenticate(key, request.socket.remoteAddress ?? '');
  limits.countRequest(principal);
  if (!isAllowed(principal, 'admin')) throw new Forbidden('admin');
  if (principal.keyId !== adminKeyId) throw new NotOperator();
}
