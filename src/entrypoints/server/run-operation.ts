import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  getOperationAST,
  OperationTypeNode,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { Principal } from '../../access/principal.ts';
import type { GraphQLServer } from './graphql.ts';
import type { SocketSubscription } from './live/socket-subscription.ts';
import type { ObserveOperation } from './metrics/operation-metrics.ts';

type Executors = ReturnType<GraphQLServer['getEnveloped']>;

/** A started operation; graphql-ws sends its result. */
interface Started extends ExecutionArgs {
  rootValue: { result: Awaited<ReturnType<Executors['execute' | 'subscribe']>> };
}

export const resultOf = ({ rootValue }: ExecutionArgs) =>
  (rootValue as Started['rootValue']).result;

interface OperationServer {
  graphql: GraphQLServer;
  toClientError: (error: unknown) => GraphQLError;
  observe: ObserveOperation;
}

interface OperationCaller {
  principal: Principal | undefined;
  begin: () => Promise<AbortSignal | undefined>;
  /** Writes a subscription; without one its results are pulled. */
  outlet?: SocketSubscription;
}

type Outcome = Started | readonly GraphQLError[];

/** The context that the plugins extend. */
interface InitialContext {
  principal: Principal | undefined;
  params: SubscribePayload;
  signal?: AbortSignal | undefined;
  outlet?: SocketSubscription | undefined;
  /** Set when it is validated. */
  document?: DocumentNode;
}

/**
 * Runs an operation through the same plugins as over HTTP, with the same limits and codes. Returns errors as its
 * result: if they were thrown, graphql-ws would close the socket and all its subscriptions.
 */
export async function runOperation(
  { graphql, toClientError, observe }: OperationServer,
  { principal, begin, outlet }: OperationCaller,
  payload: SubscribePayload,
): Promise<Outcome> {
  const context: InitialContext = { principal, outlet, params: payload };
  let startedAt = performance.now();
  let outcome: Outcome;
  try {
    context.signal = await begin();
    startedAt = performance.now();
    outcome = await start(graphql, context);
  } catch (error) {
    outcome = [toClientError(error)];
  }
  const { document } = context;
  const { operationName } = payload;
  observe({ document, operationName, errors: errorsOf(outcome), startedAt });
  return outcome;
}

async function start(graphql: GraphQLServer, context: InitialContext): Promise<Outcome> {
  const { query, operationName, variables } = context.params;
  const envelope = graphql.getEnveloped(context);
  const { schema, contextFactory, parse, validate } = envelope;
  const document = parse(query);
  const errors = validate(schema, document);
  if (errors.length > 0) return errors;
  const operation = getOperationAST(document, operationName);
  if (!operation) return [unknownOperation()];
  const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
  const args: ExecutionArgs = {
    schema,
    document,
    operationName,
    variableValues: variables,
    contextValue: await contextFactory(),
  };
  const result = await envelope[isSubscription ? 'subscribe' : 'execute'](args);
  // Refused before it started: without data there is nothing to deliver.
  if ('errors' in result && result.errors && !('data' in result)) return result.errors;
  const { outlet } = context;
  // A stream lasts for hours: it does not keep what only its start needed.
  return {
    ...args,
    contextValue: undefined,
    rootValue: { result: outlet?.hasStarted() ? outlet : result },
  };
}

function errorsOf(outcome: Outcome): readonly GraphQLError[] | undefined {
  if ('length' in outcome) return outcome;
  const { result } = outcome.rootValue;
  return 'errors' in result ? result.errors : undefined;
}

/** The same message and code as over HTTP. */
const unknownOperation = () =>
  new GraphQLError('Could not determine what operation to execute.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  });
