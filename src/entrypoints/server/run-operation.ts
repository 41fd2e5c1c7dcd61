import { type ExecutionArgs, GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { Principal } from '../../access/principal.ts';
import type { GraphQLServer } from './graphql.ts';
import type { SocketSubscription } from './live/socket-subscription.ts';

type Executors = ReturnType<GraphQLServer['getEnveloped']>;

/** A started operation; graphql-ws sends its result. */
interface Started extends ExecutionArgs {
  rootValue: { result: Awaited<ReturnType<Executors['execute' | 'subscribe']>> };
}

export const resultOf = ({ rootValue }: ExecutionArgs) =>
  (rootValue as Started['rootValue']).result;

/**
 * Runs an operation through the same plugins as over HTTP, with the same limits and codes. Returns errors as its
 * result: if they were thrown, graphql-ws would close the socket and all its subscriptions.
 */
export async function runOperation(
  {
    graphql,
    toClientError,
  }: { graphql: GraphQLServer; toClientError: (error: unknown) => GraphQLError },
  {
    principal,
    begin,
    outlet,
  }: {
    principal: Principal | undefined;
    begin: () => Promise<AbortSignal | undefined>;
    outlet?: SocketSubscription;
  },
  payload: SubscribePayload,
): Promise<Started | readonly GraphQLError[]> {
  try {
    const signal = await begin();
    const envelope = graphql.getEnveloped({ principal, signal, outlet, params: payload });
    const { schema, contextFactory, parse, validate } = envelope;
    const document = parse(payload.query);
    const errors = validate(schema, document);
    if (errors.length > 0) return errors;
    const operation = getOperationAST(document, payload.operationName);
    if (!operation) return [unknownOperation()];
    const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
    const args: ExecutionArgs = {
      schema,
      document,
      operationName: payload.operationName,
      variableValues: payload.variables,
      contextValue: await contextFactory(),
    };
    const result = await envelope[isSubscription ? 'subscribe' : 'execute'](args);
    // Refused before it started: without data there is nothing to deliver.
    if ('errors' in result && result.errors && !('data' in result)) return result.errors;
    // A stream lasts for hours: it does not keep what only its start needed.
    return {
      ...args,
      contextValue: undefined,
      rootValue: { result: outlet?.hasStarted() ? outlet : result },
    };
  } catch (error) {
    return [toClientError(error)];
  }
}

/** The same message and code as over HTTP. */
const unknownOperation = () =>
  new GraphQLError('Could not determine what operation to execute.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  });
