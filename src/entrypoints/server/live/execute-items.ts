import { type ExecutionResult, execute, type GraphQLError } from 'graphql';
import { isTransient } from '../../../platform/storage-errors.ts';
import type { Operation, OperationContext } from './operation-context.ts';

/**
 * Executes the operation of a subscription once for each item.
 *
 * @throws the error of the database where it may succeed a moment later: nothing may be delivered then
 */
export async function executeItems(
  operation: Operation,
  items: readonly unknown[],
  contextValue: OperationContext,
): Promise<ExecutionResult[]> {
  const results = await Promise.all(
    items.map(async (rootValue) => {
      const result = await execute({ ...operation, rootValue, contextValue });
      // Copied, because resolvers that are still running append errors to the list of a complete result.
      return result.errors ? { ...result, errors: [...result.errors] } : result;
    }),
  );
  const failure = results.flatMap(({ errors = [] }) => errors).find(isTransientFailure);
  if (failure) throw failure.originalError;
  return results;
}

const isTransientFailure = (error: GraphQLError) => isTransient(error.originalError);
