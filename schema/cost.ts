import { complexityFromQuery } from '@pothos/plugin-complexity';
import { type DocumentNode, GraphQLError, type GraphQLResolveInfo, Kind } from 'graphql';

/**
 * What one operation may ask for. Complexity is about the number of values in the answer: a hundred
 * customers with their last five events fit, a hundred times a hundred times a hundred do not.
 */
export const costLimit = { depth: 10, breadth: 400, complexity: 50_000 } as const;

/** How many rows a list without `first` is taken for: stages, identities and the like are short. */
export const listMultiplier = 5;

type Cost = Record<'depth' | 'breadth' | 'complexity', number>;

/** The cost of a connection: its rows, as asked for. */
export const pageCost = (args: {
  first?: number | null | undefined;
  last?: number | null | undefined;
}) => ({
  field: 1,
  multiplier: args.first ?? args.last ?? 20,
});

export function costError(kind: string, { depth, breadth, complexity }: Cost): GraphQLError {
  const found = { depth, breadth, complexity };
  const message =
    `The operation asks for too much at once: its ${kind.toLowerCase()} is over the limit ` +
    '(see `extensions`). Ask for smaller pages, fewer fields or in several operations.';
  return new GraphQLError(message, {
    extensions: { code: 'QUERY_TOO_COMPLEX', http: { status: 400 }, found, limit: costLimit },
  });
}

/**
 * The plugin measures where fields are resolved, which for a subscription is at its first delivery.
 * @throws GraphQLError when the operation is over a limit
 */
export function demandAffordable(info: GraphQLResolveInfo): void {
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [info.operation, ...Object.values(info.fragments)],
  };
  const found = complexityFromQuery(document, {
    schema: info.schema,
    variables: info.variableValues,
  });
  for (const kind of ['depth', 'breadth', 'complexity'] as const) {
    if (found[kind] > costLimit[kind]) throw costError(kind, found);
  }
}
