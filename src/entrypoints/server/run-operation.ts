import { type ExecutionArgs, GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { Principal } from '../../access/principal.ts';
import type { GraphQLServer } from './graphql.ts';

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
  }: { principal: Principal | undefined; begin: () => Promise<AbortSignal | undefined> },
  payload: SubscribePayload,
): Promise<Started | readonly GraphQLError[]> {
  try {
    const envelope = graphql.getEnveloped({ principal, signal: await begin(), params: payload });
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
    return { ...args, rootValue: { result } };
  } catch (error) {
    return [toClientError(error)];
  }
}

/** The same message and code as over HTTP. */
const unknownOperation = () =>
  new GraphQLError('Could not determine what operation to execute.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  });
