import type { GraphQLError } from 'graphql';
import type { GraphQLServer } from './graphql.ts';
import { runOperation } from './run-operation.ts';

/** Covers the code paths of typical operations: a filter, a list, and lists of each row. */
const query = `{
  workspace { name }
  customers(first: 20, where: { fact: { orderCount: { atLeast: 1 } } }) {
    nodes { id name stages { stage { key } } events(first: 5) { nodes { name occurredAt } } }
  }
}`;

/**
 * Runs one operation, so that code compiled on first use does not delay the first clients: without it the event loop
 * is blocked for some 80 ms.
 */
export async function warmUp(
  server: { graphql: GraphQLServer; toClientError: (error: unknown) => GraphQLError },
  workspaceId: string,
): Promise<void> {
  const principal = { workspaceId, keyId: '', scopes: ['read'] as const };
  // Not observed, because no client sent it.
  const observe = () => undefined;
  await runOperation(
    { ...server, observe },
    { principal, begin: async () => undefined },
    { query },
  );
}
