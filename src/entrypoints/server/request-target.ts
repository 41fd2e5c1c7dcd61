import type { IncomingMessage } from 'node:http';
import { DomainError } from '../../platform/errors.ts';

/** The request line or the Host header cannot be parsed. */
export class InvalidTarget extends DomainError {
  readonly code = 'INVALID_REQUEST';

  constructor() {
    super('The request target or the Host header is invalid. Send a path such as /graphql.');
  }
}

/** The target of a request: its path, and its path with query. */
export interface RequestTarget {
  path: string;
  url: string;
}

type Head = Pick<IncomingMessage, 'url' | 'headers' | 'headersDistinct'>;

/**
 * Parses the target and checks the Host header; the only place where the server parses either.
 * Accepts the origin form, the absolute form and `*` (RFC 9112, section 3.2). Never throws.
 *
 * @returns undefined when the target or the host is invalid
 */
export function parseRequestTarget(request: Head): RequestTarget | undefined {
  return hasValidHost(request) ? parseTarget(request.url ?? '') : undefined;
}

function parseTarget(target: string): RequestTarget | undefined {
  if (target === '*') return { path: target, url: '/*' };
  if (!target.startsWith('/')) return parseAbsolute(target);
  const [path = '/'] = target.split(/[?#]/, 1);
  return { path, url: target };
}

function parseAbsolute(target: string): RequestTarget | undefined {
  const url = /^https?:\/\//i.test(target) ? URL.parse(target) : null;
  return url ? { path: url.pathname, url: url.pathname + url.search } : undefined;
}

/** HTTP/1.0 needs no Host header; Node itself refuses HTTP/1.1 without one. */
function hasValidHost({ headers, headersDistinct }: Head): boolean {
  if ((headersDistinct['host']?.length ?? 0) > 1) return false;
  const { host } = headers;
  if (!host) return true;
  return !/[\s/?#@\\]/.test(host) && URL.canParse(`http://${host}/`);
}

/** Sets a target and host from which a URL can be built. */
export function normaliseRequest(request: IncomingMessage, { url }: RequestTarget) {
  request.url = url;
  request.headers.host ||= 'localhost';
}
