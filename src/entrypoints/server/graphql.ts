import type { IncomingMessage } from 'node:http';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Authenticator } from '../../access/authenticate.ts';
import type { Principal } from '../../access/principal.ts';
import { isDeeper } from '../../engine/ingestion/json.ts';
import { type AdmissionOptions, useAdmission } from './admission.ts';
import { useScopes } from './check-scopes.ts';
import type { ContextFactory } from './create-context.ts';
import { keyFromHeader } from './credentials.ts';
import { useHiddenSchema } from './hide-schema.ts';
import type { LiveHub } from './live/live-hub.ts';
import type { OperationContext, Outlet } from './live/operation-context.ts';
import type { SharedSnapshots } from './live/shared-snapshots.ts';
import { subscribe } from './live/subscribe.ts';
import { type ObserveOperation, useObservedOperations } from './metrics/operation-metrics.ts';
import { useRequestParser } from './request-parser.ts';
import { useResultStatus } from './result-status.ts';
import { useResumableEvents } from './sse.ts';
import { useUnconditionalSubscriptions } from './subscription-root.ts';

/** Over a WebSocket the client authenticates once, when it connects. */
export interface ConnectionContext {
  principal?: Principal | undefined;
  signal?: AbortSignal | undefined;
  outlet?: Outlet | undefined;
}

/** `req` over HTTP, the principal and signal over a WebSocket. */
type ServerContext = ConnectionContext & { req?: IncomingMessage };

const maxBodyBytes = 256 * 1024;
const maxTokens = 2_000;
const heartbeatMs = 12_000;
const maxVariableDepth = 64;

export function createGraphQL(options: {
  schema: GraphQLSchema;
  authenticator: Authenticator;
  createContext: ContextFactory['forOperation'];
  hub: LiveHub;
  starts: SharedSnapshots;
  admission: AdmissionOptions;
  toClientError: (error: unknown) => GraphQLError;
  introspection: boolean;
  /** The web sites whose pages may read answers; undefined: all. */
  origins: readonly string[] | undefined;
  observe: ObserveOperation;
}) {
  const {
    schema,
    authenticator,
    createContext,
    hub,
    starts,
    admission,
    toClientError,
    introspection,
  } = options;
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
      outlet: connection.outlet,
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
    multipart: false,
    graphiql: false,
    cors: {
      origin: [...(options.origins ?? ['*'])],
      credentials: false,
      exposedHeaders: ['Retry-After'],
    },
    maxRequestBodySize: maxBodyBytes,
    context: ({ request, ...server }) => contextOf(request, server),
    maskedErrors: { maskError: toClientError },
    plugins: [
      useRequestParser(),
      useLimitedDocuments(),
      useLimitedVariables(),
      useScopes(schema),
      useUnconditionalSubscriptions(),
      useResultStatus(),
      useOneTransaction({ hub, starts }),
      useAdmission(admission),
      useResumableEvents(),
      useObservedOperations(options.observe),
      ...(introspection ? [] : [useHiddenSchema()]),
    ],
  });
}

export type GraphQLServer = ReturnType<typeof createGraphQL>;

/** Refuses documents with too many tokens while parsing. The schema limits depth, breadth and cost. */
const useLimitedDocuments = (): Plugin => ({
  onParse({ setParseFn, parseFn }) {
    setParseFn((source, options) => {
      try {
        return parseFn(source, { ...options, maxTokens });
      } catch (error) {
        throw error instanceof GraphQLError ? withParseCode(error) : error;
      }
    });
  },
});

/** Yoga adds the code over HTTP only. */
const withParseCode = (error: GraphQLError) =>
  Object.assign(error, { extensions: { ...error.extensions, code: 'GRAPHQL_PARSE_FAILED' } });

/** Refuses deeply nested variables, because coercing them recursively could exhaust the stack. */
const useLimitedVariables = (): Plugin => {
  const refusal = () =>
    new GraphQLError(`The variables are nested more than ${maxVariableDepth} levels deep.`, {
      extensions: { code: 'INVALID_REQUEST', http: { status: 400 } },
    });
  return {
    onExecute({ args, setResultAndStopExecution }) {
      if (isDeeper(args.variableValues, maxVariableDepth))
        setResultAndStopExecution({ errors: [refusal()] });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      if (isDeeper(args.variableValues, maxVariableDepth))
        setResultAndStopExecution({ errors: [refusal()] });
    },
  };
};

/** Ends the transaction with its operation; streams have one for each delivery. */
const useOneTransaction = (live: {
  hub: LiveHub;
  starts: SharedSnapshots;
}): Plugin<OperationContext> => ({
  onExecute: ({ args }) => ({
    onExecuteDone: () => args.contextValue.end(),
  }),
  onSubscribe({ args, setSubscribeFn }) {
    // Heartbeats over HTTP only (with a request): a WebSocket has its own pings.
    const options = 'request' in args.contextValue ? { ...live, heartbeatMs } : live;
    setSubscribeFn((subscribeArgs) => subscribe(subscribeArgs, options));
  },
});
