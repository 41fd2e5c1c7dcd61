import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { DomainError } from '../../platform/errors.ts';
import { parseJson } from '../../platform/parse-json.ts';

/** The request is not a valid GraphQL request. */
class BadRequest extends DomainError {
  readonly code = 'BAD_REQUEST';
}

class UnsupportedMediaType extends DomainError {
  readonly code = 'UNSUPPORTED_MEDIA_TYPE';
  override readonly status = 415;

  constructor() {
    super(`Set Content-Type to one of ${Object.keys(parsers).join(', ')}.`);
  }
}

/** Clients with automatic persisted queries recognise this message or code, then send the full query. */
class PersistedQueryNotSupported extends DomainError {
  readonly code = 'PERSISTED_QUERY_NOT_SUPPORTED';

  constructor() {
    super('PersistedQueryNotSupported');
  }
}

type Parse = (text: string) => GraphQLParams;

const parsers: Readonly<Record<string, Parse>> = {
  'application/json': parseBody,
  'application/graphql+json': parseBody,
  'application/graphql': (query) => ({ query }),
  'application/x-www-form-urlencoded': parseForm,
};

/** Parses the operation from the URL, a JSON body or a form. Reports what it cannot parse as a client error. */
export const useRequestParser = (): Plugin => ({
  onRequestParse({ request, setRequestParser }) {
    if (request.method === 'GET') setRequestParser(({ url }) => parseForm(searchOf(url)));
    if (request.method !== 'POST') return;
    const parse = parserOf(request.headers.get('content-type'));
    setRequestParser(async (received) => parse(await readText(received)));
  },
  onParams({ params }) {
    // Yoga reports other invalid parameters itself.
    if (!params?.query && params?.extensions?.['persistedQuery']) {
      throw new PersistedQueryNotSupported();
    }
  },
});

const searchOf = (url: string) => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');

/** @throws UnsupportedMediaType */
export function parserOf(contentType: string | null | undefined): Parse {
  const [type = ''] = (contentType ?? '').split(/[;,]/, 1);
  const name = type.trim().toLowerCase();
  const parse = Object.hasOwn(parsers, name) ? parsers[name] : undefined;
  if (!parse) throw new UnsupportedMediaType();
  return parse;
}

async function readText(request: Request): Promise<string> {
  const bytes = await readBytes(request);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BadRequest('The body is not valid UTF-8.');
  }
}

async function readBytes(request: Request): Promise<ArrayBuffer> {
  try {
    return await request.arrayBuffer();
  } catch (cause) {
    // The body exceeded its size limit while it was read.
    if (cause instanceof GraphQLError) throw cause;
    throw new BadRequest('The request body is incomplete.', { cause });
  }
}

function parseBody(text: string): GraphQLParams {
  const body = requireJson('The body', text);
  if (Array.isArray(body)) {
    throw new BadRequest('Batches are not supported. Send one operation per request.');
  }
  return body as GraphQLParams;
}

function parseForm(text: string): GraphQLParams {
  const params: GraphQLParams = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (value === '') continue;
    if (name === 'query' || name === 'operationName') params[name] ??= value;
    if (name === 'variables' || name === 'extensions') {
      params[name] ??= requireJson(`"${name}"`, value) as Record<string, unknown>;
    }
  }
  return params;
}

function requireJson(what: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new BadRequest(`${what} is not valid JSON.`);
  }
}
