import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Allows web pages of every origin to send tracking calls: the key decides, and the server uses no cookies. Beacons are
 * sent with credentials, for which browsers accept neither "*" nor a missing permission.
 */
export function allowOrigins(request: IncomingMessage, response: ServerResponse) {
  const { origin, 'access-control-request-headers': headers } = request.headers;
  const allowed = {
    'access-control-allow-origin': origin ?? '*',
    ...(origin !== undefined && { 'access-control-allow-credentials': 'true', vary: 'Origin' }),
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': headers ?? 'Authorization, Content-Type',
    'access-control-max-age': '86400',
    'access-control-expose-headers': 'Retry-After',
  };
  for (const [name, value] of Object.entries(allowed)) response.setHeader(name, value);
}
