import { complexityFromQuery } from '@pothos/plugin-complexity';
import { type ExecutionArgs, GraphQLError, getOperationAST, Kind } from 'graphql';
import type { RequestContext } from './context.ts';
import type { Meter } from './meter.ts';

/**
 * The limits of one operation. Complexity approximates the number of values in the response: a hundred
 * customers with their last five events fit, a hundred times a hundred times a hundred do not.
 */
export const costLimit = { depth: 10, breadth: 400, complexity: 50_000 } as const;

/** The assumed length of a list without `first`, such as stages or identities. */
export const listMultiplier = 5;

type Cost = Record<'depth' | 'breadth' | 'complexity', number>;

/** The cost of a connection: its page size. */
export const pageCost = (args: {
  first?: number | null | undefined;
  last?: number | null | undefined;
}) => ({
  field: 1,
  multiplier: args.first ?? args.last ?? 20,
});

function costError(kind: string, price: Price, advice: readonly string[]): GraphQLError {
  const { depth, breadth, complexity, rows } = price;
  const scanned = rows > 0 ? ` It would go through about ${rows} rows of the database.` : '';
  const smaller =
    rows > 0 && advice.length > 0
      ? advice.join(' ')
      : 'Request smaller pages or fewer fields, or split the operation.';
  return new GraphQLError(
    `The operation requests too much at once: its ${kind} exceeds the limit (see \`extensions\`).${scanned} ${smaller}`,
    {
      extensions: {
        code: 'QUERY_TOO_COMPLEX',
        http: { status: 400 },
        found: { depth, breadth, complexity, ...(rows > 0 && { rows }) },
        limit: costLimit,
      },
    },
  );
}

/** The number of database rows that cost one point: reading them takes about as long as one value of a response. */
const rowsPerPoint = 250;

/**
 * The cost of a field that reads `rowsPerCustomer` rows of every customer and returns a list of at most
 * `multiplier` items.
 */
export const scanOf =
  (rowsPerCustomer: number, advice: string, multiplier = listMultiplier) =>
  (_args: unknown, ctx: Metered) => ({ field: scanCost(ctx, rowsPerCustomer, advice), multiplier });

export function scanCost({ meter }: Metered, rowsPerCustomer: number, advice: string): number {
  const rows = Math.ceil(rowsPerCustomer * (meter.customers ?? 0));
  meter.rows += rows;
  meter.advice.add(advice);
  return 1 + Math.ceil(rows / rowsPerPoint);
}

/** The cost of a field of a whole list, counted once for a page of any size. */
export const countOf = (advice: string) => (_args: unknown, ctx: Metered) => {
  ctx.meter.fixed += scanCost(ctx, 1, advice) - 1;
  return { field: 1 };
};

interface Metered {
  meter: Meter;
}

export interface Price extends Cost {
  /** Database rows that will be read. */
  rows: number;
  /** The part of the complexity for these rows, whatever the response. */
  scanned: number;
}

/** The estimated cost of an operation, and whether it depends on the number of customers. */
export function priceOf(args: ExecutionArgs): Price & { scans: boolean } {
  const { document, schema, operationName, variableValues } = args;
  const contextValue = args.contextValue as RequestContext;
  const { meter } = contextValue;
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new GraphQLError('Could not determine what operation to execute.');
  const others = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const found = complexityFromQuery(
    { kind: Kind.DOCUMENT, definitions: [operation, ...others] },
    { schema, ctx: contextValue, variables: variableValues ?? {} },
  );
  const { rows, fixed } = meter;
  return {
    ...found,
    complexity: found.complexity + fixed,
    rows,
    scanned: Math.ceil(rows / rowsPerPoint),
    scans: meter.advice.size > 0,
  };
}

/** @throws GraphQLError if the operation exceeds a limit, with the estimate and advice */
export function requireAffordable(price: Price, { advice }: Meter): void {
  for (const kind of ['depth', 'breadth', 'complexity'] as const) {
    if (price[kind] > costLimit[kind]) throw costError(kind, price, [...advice]);
  }
}

/** The assumed number of recorded moves per customer that statistics of the past read. */
export const movesPerCustomer = 5;
export const moveAdvice = 'Request fewer statistics of the past at a time.';
