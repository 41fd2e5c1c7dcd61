import type { GraphQLError } from 'graphql';
import type { GraphQLServer } from './graphql.ts';
import { runOperation } from './run-operation.ts';

/** Takes the ways that most operations take: a filter, a list, lists of each of its rows. */
const query = `{
  workspace { name }
  customers(first: 20, where: { fact: { orderCount: { atLeast: 1 } } }) {
    nodes { id name stages { stage { key } } events(first: 5) { nodes { name occurredAt } } }
  }
}`;

/**
 * Runs one operation, so that what is compiled on first use does not hold up the first clients: without it the event
 * loop stands still for some 80 ms.
 */
export async function warmUp(
  server: { graphql: GraphQLServer; toClientError: (error: unknown) => GraphQLError },
  workspaceId: string,
): Promise<void> {
  const principal = { workspaceId, keyId: '', scopes: ['read'] as const };
  await runOperation(server, { principal, begin: async () => undefined }, { query });
}
