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
import { useRequestParser } from './request-parser.ts';
import { useResultStatus } from './result-status.ts';
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
  schema: GraphQLSchema;
  authenticator: Authenticator;
  createContext: ContextFactory;
  admission: AdmissionOptions;
  toClientError: (error: unknown) => GraphQLError;
  introspection: boolean;
}) {
  const { schema, authenticator, createContext, admission, toClientError, introspection } = options;
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
    multipart: false,
    graphiql: false,
    cors: { origin: '*', credentials: false, exposedHeaders: ['Retry-After'] },
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
      useOneTransaction(),
      useAdmission(admission),
      useResumableEvents(),
      ...(introspection ? [] : [useHiddenSchema()]),
    ],
  });
}

export type GraphQLServer = ReturnType<typeof createGraphQL>;

/** Over-long documents are refused while they are read. Depth, breadth and cost are the schema's. */
const useLimitedDocuments = (): Plugin => ({
  onParse({ setParseFn, parseFn }) {
    setParseFn((source, given) => {
      try {
        return parseFn(source, { ...given, maxTokens });
      } catch (error) {
        throw error instanceof GraphQLError ? withParseCode(error) : error;
      }
    });
  },
});

/** Yoga adds the code over HTTP alone. */
const withParseCode = (error: GraphQLError) =>
  Object.assign(error, { extensions: { ...error.extensions, code: 'GRAPHQL_PARSE_FAILED' } });

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
