import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import { createYoga, type GraphiQLOptions, type Plugin } from 'graphql-yoga';
import { toGraphQLError } from '../../schema/errors.ts';
import { schema } from '../../schema/index.ts';
import type { Authenticator } from '../access/authenticate.ts';
import type { Principal } from '../access/principal.ts';
import { isDeeper } from '../ingestion/json.ts';
import type { Log } from '../platform/log.ts';
import { type AdmissionOptions, useAdmission } from './admission.ts';
import { useScopes } from './check-scopes.ts';
import type { ContextFactory } from './context.ts';
import { keyFromHeader } from './credentials.ts';
import { graphiql } from './graphiql.ts';
import { useResumableEvents } from './sse.ts';
import { type OperationContext, subscribe } from './subscribe.ts';
import { useUnconditionalSubscriptions } from './subscription-root.ts';

/** Over a WebSocket the key was presented once, when the connection began. */
export interface ConnectionContext {
  principal?: Principal | undefined;
  signal?: AbortSignal | undefined;
}

/** Over HTTP the connection is known, over a WebSocket who opened it. */
type ServerContext = ConnectionContext & { req?: IncomingMessage };

const maxBodyBytes = 256 * 1024;
const maxTokens = 2_000;
const heartbeatMs = 12_000;
const deepestVariables = 64;

export function createGraphQL(options: {
  authenticator: Authenticator;
  createContext: ContextFactory;
  admission: AdmissionOptions;
  toClientError: (error: unknown) => GraphQLError;
}) {
  const { authenticator, createContext, admission, toClientError } = options;
  const { limits } = admission;

  async function contextOf(request: Request | undefined, { req, ...connection }: ServerContext) {
    const address = req?.socket.remoteAddress ?? '';
    const key = keyFromHeader(request?.headers.get('authorization'), { basic: false });
    const principal = connection.principal ?? (await principalOf(key, address));
    if (principal) limits.countRequest(principal);
    else limits.countAnonymous(address);
    return createContext({
      principal,
      lastEventId: request?.headers.get('last-event-id') ?? undefined,
      signal: connection.signal ?? request?.signal,
    });
  }

  const principalOf = (key: string | undefined, address: string) =>
    key === undefined ? undefined : authenticator.authenticate(key, address);

  return createYoga<ServerContext, OperationContext>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    logging: false,
    batching: false,
    graphiql,
    renderGraphiQL,
    cors: { origin: '*', credentials: false, exposedHeaders: ['Retry-After'] },
    maxRequestBodySize: maxBodyBytes,
    context: ({ request, ...server }) => contextOf(request, server),
    maskedErrors: { maskError: toClientError },
    plugins: [
      useLimitedDocuments(),
      useLimitedVariables(),
      useScopes(),
      useUnconditionalSubscriptions(),
      useOneTransaction(),
      useAdmission(admission),
      useResumableEvents(),
    ],
  });
}

export type GraphQLServer = ReturnType<typeof createGraphQL>;

/** Shipped with us, so that the page needs no internet; nine megabytes, so not before it is asked for. */
async function renderGraphiQL(options: GraphiQLOptions) {
  const page = await import('@graphql-yoga/render-graphiql');
  return page.renderGraphiQL(options);
}

/** What a client learns of an error, on every transport. */
export const createErrorMask = (log: Log) => (error: unknown) =>
  toGraphQLError(error) ?? (isAbort(error) ? aborted() : masked(error, log));

/** The client has left and reads no answer: no bug, and nothing to log. */
const isAbort = (error: unknown) => causeOf(error)?.name === 'AbortError';

const aborted = () =>
  new GraphQLError('The operation was aborted.', { extensions: { code: 'ABORTED' } });

const causeOf = (error: unknown): Error | undefined =>
  (error as { originalError?: Error }).originalError ?? (error as Error);

/** Anything else is a bug: told to the log once, to the caller only by its number. */
function masked(error: unknown, log: Log): GraphQLError {
  const incident = crypto.randomUUID();
  log.error({ err: causeOf(error), incident }, 'An operation failed unexpectedly');
  return new GraphQLError(
    'Something went wrong on our side. Quote the incident when you report it.',
    {
      path: (error instanceof GraphQLError && error.path) || null,
      extensions: { code: 'INTERNAL', incident, http: { status: 500 } },
    },
  );
}

/** Over-long documents are refused while they are read. Depth, breadth and cost are the schema's. */
const useLimitedDocuments = (): Plugin => ({
  onParse({ setParseFn, parseFn }) {
    setParseFn((source, given) => {
      try {
        return parseFn(source, { ...given, maxTokens });
      } catch (error) {
        // Yoga names the code over HTTP alone.
        if (error instanceof GraphQLError) error.extensions['code'] ??= 'GRAPHQL_PARSE_FAILED';
        throw error;
      }
    });
  },
});

/** Variables are read by recursion, which too deep a value would break off in the middle. */
const useLimitedVariables = (): Plugin => {
  const refusal = () =>
    new GraphQLError(`The variables are nested more than ${deepestVariables} levels deep.`, {
      extensions: { code: 'INVALID_REQUEST', http: { status: 400 } },
    });
  return {
    onExecute({ args, setResultAndStopExecution }) {
      if (isDeeper(args.variableValues, deepestVariables))
        setResultAndStopExecution({ errors: [refusal()] });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      if (isDeeper(args.variableValues, deepestVariables))
        setResultAndStopExecution({ errors: [refusal()] });
    },
  };
};

/** The operation's transaction ends with the operation; streams have one for each delivery. */
const useOneTransaction = (): Plugin<OperationContext> => ({
  onExecute: ({ args }) => ({
    onExecuteDone: () => args.contextValue.end(),
  }),
  onSubscribe({ args, setSubscribeFn }) {
    // A WebSocket, which has no request, pings by itself.
    const options = 'request' in args.contextValue ? { heartbeatMs } : {};
    setSubscribeFn((given) => subscribe(given, options));
  },
});
