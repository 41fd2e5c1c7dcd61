import { InvalidInput } from '../../platform/errors.ts';
import { orAborted } from '../../platform/or-aborted.ts';
import { ImportStopped } from './import-stopped.ts';
import type { Surroundings } from './surroundings.ts';

/** The server and the key that says for which workspace. */
export interface Server {
  url: string;
  key: string;
}

export interface PostOptions {
  surroundings: Surroundings;
  /** Give up after this many milliseconds without an answer. */
  patience: number;
  /** Told before each wait, so that a person sees why nothing moves. */
  onRetry: (reason: string, seconds: number) => void;
  /** Ends the attempts when it aborts; its reason is thrown. */
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  /** Parsed JSON, or undefined if the body was something else. */
  body: unknown;
}

const requestTimeout = 120_000;
const longestWait = 30_000;
// Too many requests, and what servers, proxies and restarts answer while they cannot.
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Checks address and key once, so that a typing error does not look like a broken network. */
export function createServer({ url, key }: Server): Server {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new InvalidInput(
      `"${url}" is not the address of a server such as http://127.0.0.1:4000.`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(key.trim())) {
    throw new InvalidInput('The key is empty or has characters that no key has.');
  }
  return { url: url.replace(/\/+$/, ''), key: key.trim() };
}

/** Posts until the server has answered for good: passing trouble is waited out with back-off. */
export async function postJson(
  server: Server,
  { path, body }: { path: string; body: string },
  { surroundings, patience, onRetry, signal }: PostOptions,
): Promise<Answer> {
  const { now, random, sleep } = surroundings;
  const began = now();
  for (let attempt = 0; ; attempt++) {
    const outcome = await tryOnce(server, { path, body }, signal);
    signal?.throwIfAborted();
    if ('status' in outcome) return outcome;
    if (now() - began >= patience) throw givenUp(server, outcome.trouble, patience);
    // Half of it is chance: clients that were refused together must not come back together.
    const backOff = Math.min(longestWait, 500 * 2 ** attempt) * (0.5 + random() / 2);
    const wait = outcome.retryAfter + backOff;
    onRetry(outcome.trouble, Math.ceil(wait / 1000));
    await orAborted(sleep(wait), signal);
  }
}

interface Trouble {
  trouble: string;
  /** Milliseconds the server asked for. */
  retryAfter: number;
}

async function tryOnce(
  { url, key }: Server,
  { path, body }: { path: string; body: string },
  signal: AbortSignal | undefined,
): Promise<Answer | Trouble> {
  try {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body,
      // A redirected POST would arrive as a GET without its body.
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(requestTimeout), ...(signal ? [signal] : [])]),
    });
    const text = await response.text();
    if (!passing.has(response.status)) return { status: response.status, body: parse(text) };
    const trouble = `the server answers ${response.status}`;
    return { trouble, retryAfter: retryAfter(response.headers) };
  } catch (error) {
    return { trouble: `no connection to ${url} (${reason(error)})`, retryAfter: 0 };
  }
}

function retryAfter(headers: Headers) {
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

// fetch says only "fetch failed"; the cause has the code one can look up.
function reason(error: unknown) {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

const givenUp = ({ url }: Server, trouble: string, patience: number) =>
  new ImportStopped(
    `No answer from ${url} for ${Math.round(patience / 1000)} seconds (last: ${trouble}). Run the same command again to go on where it stopped; nothing will count twice.`,
  );
