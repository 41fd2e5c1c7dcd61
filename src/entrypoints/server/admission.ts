import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { GraphQLError, getOperationAST, getVariableValues, OperationTypeNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Price, priceOf, requireAffordable } from '../../../schema/kernel/cost.ts';
import { createMeter } from '../../../schema/kernel/meter.ts';
import type { Limits } from '../../access/limits.ts';
import { QueryTooSlow, StorageUnavailable } from '../../platform/errors.ts';
import type { WaitForGap } from './ingest-gap.ts';
import { createLanes } from './lanes.ts';
import { costExtensions, withCost } from './operation-cost.ts';
import { isStream, releasedAtEnd, releaseOn } from './release-at-end.ts';
import type { OperationContext } from './subscribe.ts';

/** Leaves a second of the ten that an operation has for its answer. */
const deadlineMs = 9_000;

/** A database that serves confirms a cancellation within this time. */
const maxCancellationMs = 900;

export interface AdmissionOptions {
  limits: Limits;
  waitForGap: WaitForGap;
  /** About how many customers a workspace has. */
  countCustomers(workspaceId: string): Promise<number>;
}

/**
 * Decides whether an operation starts: it is priced as a whole, its price is taken out of the budget of its key,
 * and what is heavy waits for one of few lanes. Every answer states its cost in `extensions`.
 */
export function useAdmission(options: AdmissionOptions): Plugin<OperationContext> {
  const { limits } = options;
  const laneOf = createLanes(options.waitForGap);

  async function admit<T>(args: ExecutionArgs, run: (price: Price) => Promise<T>) {
    const context = args.contextValue as OperationContext;
    try {
      return await run(await priceIn(context, args, options));
    } catch (error) {
      return { errors: [toError(error)], extensions: costExtensions(context, limits) };
    }
  }

  return {
    // Nothing runs with variables of the wrong type; the executor says what is wrong with them.
    onExecute({ args: given, executeFn, setExecuteFn }) {
      if (!hasValidVariables(given)) return;
      setExecuteFn((args: ExecutionArgs) =>
        admit(args, async (price) => {
          const context = args.contextValue as OperationContext;
          const { principal } = context;
          const release = principal && limits.hold('operations', principal);
          try {
            if (principal) limits.spend(principal, price.complexity);
            const run = () => executeFn(args) as Promise<ExecutionResult>;
            const result = await withDeadline(args, () =>
              laneOf(price).run(context.workspaceId, run, context.signal),
            );
            return withCost(result, { context, price, limits });
          } finally {
            release?.();
          }
        }),
      );
    },
    onSubscribe({ args: given, subscribeFn, setSubscribeFn }) {
      if (!hasValidVariables(given)) return;
      setSubscribeFn((args: ExecutionArgs) =>
        admit(args, async (price) => {
          const { principal, signal } = args.contextValue as OperationContext;
          if (!principal) return subscribeFn(args);
          const release = limits.hold('subscriptions', principal);
          try {
            limits.spend(principal, price.complexity);
            const result = await subscribeFn(args);
            if (isStream(result)) return releasedAtEnd(result, releaseOn(signal, release));
            release();
            return result;
          } catch (error) {
            release();
            throw error;
          }
        }),
      );
    },
  };
}

function hasValidVariables({ schema, document, operationName, variableValues }: ExecutionArgs) {
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  return 'coerced' in getVariableValues(schema, definitions, variableValues ?? {});
}

/** @throws GraphQLError when the operation asks for too much */
async function priceIn(
  context: OperationContext,
  args: ExecutionArgs,
  { countCustomers }: AdmissionOptions,
): Promise<Price> {
  const first = priceOf(args);
  if (!first.scans || !context.principal) return affordable(first, context);
  // Priced again, now that it matters how many customers there are.
  context.meter = createMeter(await countCustomers(context.workspaceId));
  return affordable(priceOf(args), context);
}

function affordable(price: Price, { meter }: OperationContext): Price {
  requireAffordable(price, meter);
  return price;
}

/**
 * Cancels a query at its deadline, in the database too. A mutation is carried out or not, never cut off.
 *
 * @throws QueryTooSlow; StorageUnavailable when the database does not confirm the cancellation: then the query
 *   was not slow, the database is away
 */
async function withDeadline<T>(args: ExecutionArgs, run: () => Promise<T>): Promise<T> {
  const { document, operationName, contextValue } = args;
  const { abort, signal } = contextValue as OperationContext;
  const operation = getOperationAST(document, operationName)?.operation;
  if (operation !== OperationTypeNode.QUERY) return run();
  const { promise: gaveUp, reject } = Promise.withResolvers<never>();
  const tooSlow = new QueryTooSlow();
  let timer = setTimeout(() => {
    timer = setTimeout(() => reject(new StorageUnavailable()), maxCancellationMs);
    abort(tooSlow);
  }, deadlineMs);
  // Whoever has left waits for no cancellation.
  const onAbort = () => signal.reason === tooSlow || reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = Promise.try(run).finally(() => throwIfLate(signal, tooSlow));
    return await Promise.race([answer, gaveUp]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** What a cancelled query answers is incomplete, and its errors speak of the cancellation. */
function throwIfLate(signal: AbortSignal, tooSlow: QueryTooSlow) {
  if (signal.reason === tooSlow) throw tooSlow;
}

const toError = (error: unknown) =>
  error instanceof GraphQLError
    ? error
    : new GraphQLError('The operation was not carried out.', { originalError: error as Error });
