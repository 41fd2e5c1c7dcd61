import type { IncomingMessage } from 'node:http';
import { type Authenticator, Forbidden, Unauthenticated } from '../../access/authenticate.ts';
import type { Limits } from '../../access/limits.ts';
import { isBrowserKey, type Principal, type Trust, trustOf } from '../../access/principal.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { parseJson } from '../../platform/parse-json.ts';
import { readBody } from './body.ts';
import { keyFromHeader } from './credentials.ts';

/** Who sends tracking calls, and how far they are trusted. */
export interface Sender {
  principal: Principal;
  trust: Trust;
}

export interface SenderOptions {
  authenticator: Pick<Authenticator, 'authenticate'>;
  limits: Pick<Limits, 'countRequest'>;
}

export type JsonObject = Record<string, unknown>;

/** The maximum of a body with its key inside, which is parsed before the key is known. Beacons are smaller. */
const maxKeylessBytes = 65_536;

/**
 * Reads a JSON object and authenticates its sender: by the header first, so that the body of a stranger is not read, or by
 * `writeKey` in the body, because beacons have no headers.
 *
 * @throws Unauthenticated, Forbidden, RateLimited, BodyTooLarge, InvalidInput
 */
export async function readSent(
  options: SenderOptions,
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ sender: Sender; body: JsonObject }> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const key = keyFromHeader(authorization, { basic: true });
    const sender = await requireSender(options, request, key);
    return { sender, body: await readObject(request, maxBytes) };
  }
  const body = await readObject(request, Math.min(maxBytes, maxKeylessBytes));
  const { writeKey } = body;
  const key = typeof writeKey === 'string' ? writeKey : undefined;
  return { sender: await requireSender(options, request, key), body };
}

async function requireSender(
  options: SenderOptions,
  request: IncomingMessage,
  key: string | undefined,
): Promise<Sender> {
  const principal = await authenticate(options, request, key);
  const trust = trustOf(principal);
  if (!trust) throw new Forbidden('ingest', 'collect');
  return { principal, trust };
}

/** Refuses every key that must not be in a web page. @throws Unauthenticated, Forbidden, RateLimited */
export async function requireBrowserKey(
  options: SenderOptions,
  request: IncomingMessage,
  key: string,
): Promise<void> {
  if (!isBrowserKey(await authenticate(options, request, key))) throw new Forbidden('collect');
}

async function authenticate(
  { authenticator, limits }: SenderOptions,
  request: IncomingMessage,
  key: string | undefined,
) {
  if (key === undefined) throw new Unauthenticated();
  const principal = await authenticator.authenticate(key, request.socket.remoteAddress ?? '');
  limits.countRequest(principal);
  return principal;
}

/** The `Content-Type` is not required: browsers send JSON as text/plain, which needs no preflight. */
async function readObject(request: IncomingMessage, maxBytes: number): Promise<JsonObject> {
  const value = requireJson(await readBody(request, maxBytes));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInput('The body must be a JSON object.');
  }
  return value as JsonObject;
}

function requireJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new InvalidInput('The body is not valid JSON.', { cause: error });
  }
}
