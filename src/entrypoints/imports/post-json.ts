import { InvalidInput } from '../../platform/errors.ts';
import { orAborted } from '../../platform/or-aborted.ts';
import { ImportStopped } from './import-stopped.ts';
import type { Runtime } from './runtime.ts';

/** The URL of the server and the key of a workspace. */
export interface ServerAddress {
  url: string;
  key: string;
}

export interface PostOptions {
  runtime: Runtime;
  /** Stops retrying after this time. */
  timeoutMs: number;
  /** Called before each wait, to show the reason. */
  onRetry: (reason: string, seconds: number) => void;
  /** Stops retrying; its reason is thrown. */
  signal?: AbortSignal;
}

export interface JsonResponse {
  status: number;
  /** Parsed JSON, or undefined if the body is not JSON. */
  body: unknown;
}

const requestTimeoutMs = 120_000;
const maxBackOffMs = 30_000;
// Rate limits, and temporary failures of servers and proxies.
const transientStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Validates URL and key once, so that a typing error is not reported as a network error. */
export function parseServerAddress({ url, key }: ServerAddress): ServerAddress {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new InvalidInput(`"${url}" is not the URL of a server such as http://127.0.0.1:4000.`);
  }
  if (!/^[\x21-\x7e]+$/.test(key.trim())) {
    throw new InvalidInput('The key is empty or contains invalid characters.');
  }
  return { url: url.replace(/\/+$/, ''), key: key.trim() };
}

/** Posts JSON and retries transient failures with back-off. */
export async function postJson(
  server: ServerAddress,
  { path, body }: { path: string; body: string },
  { runtime, timeoutMs, onRetry, signal }: PostOptions,
): Promise<JsonResponse> {
  const { now, random, sleep } = runtime;
  const began = now();
  for (let attempt = 0; ; attempt++) {
    const result = await postOnce(server, { path, body }, signal);
    signal?.throwIfAborted();
    if ('status' in result) return result;
    if (now() - began >= timeoutMs) throw timedOut(server, result.failure, timeoutMs);
    // Random jitter, so that clients that were refused at the same time do not retry at the same time.
    const backOff = Math.min(maxBackOffMs, 500 * 2 ** attempt) * (0.5 + random() / 2);
    const wait = result.retryAfterMs + backOff;
    onRetry(result.failure, Math.ceil(wait / 1000));
    await orAborted(sleep(wait), signal);
  }
}

interface TransientFailure {
  failure: string;
  /** Requested by the server. */
  retryAfterMs: number;
}

async function postOnce(
  { url, key }: ServerAddress,
  { path, body }: { path: string; body: string },
  signal: AbortSignal | undefined,
): Promise<JsonResponse | TransientFailure> {
  try {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body,
      // fetch would repeat a redirected POST as a GET without its body.
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(requestTimeoutMs), ...(signal ? [signal] : [])]),
    });
    const text = await response.text();
    if (!transientStatuses.has(response.status)) {
      return { status: response.status, body: parse(text) };
    }
    const failure = `the server responds with ${response.status}`;
    return { failure, retryAfterMs: retryAfterMs(response.headers) };
  } catch (error) {
    return { failure: `no connection to ${url} (${reason(error)})`, retryAfterMs: 0 };
  }
}

function retryAfterMs(headers: Headers) {
  const seconds = Number(headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0) * 1000, 60_000) : 0;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// The message of fetch is only "fetch failed"; its cause has the error code.
function reason(error: unknown) {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

const timedOut = ({ url }: ServerAddress, failure: string, timeoutMs: number) =>
  new ImportStopped(
    `No response from ${url} for ${Math.round(timeoutMs / 1000)} seconds (last failure: ${failure}). Run the same command again to resume; no line is counted twice.`,
  );
