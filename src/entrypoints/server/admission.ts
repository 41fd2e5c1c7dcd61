import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { GraphQLError, getOperationAST, getVariableValues, OperationTypeNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Price, priceOf, requireAffordable } from '../../../schema/kernel/cost.ts';
import { createMeter } from '../../../schema/kernel/meter.ts';
import type { Limits } from '../../access/limits.ts';
import { QueryTooSlow, StorageUnavailable } from '../../platform/errors.ts';
import type { WaitForGap } from './ingest-gap.ts';
import { createLanes } from './lanes.ts';
import type { OperationContext } from './live/operation-context.ts';
import { costExtensions, withCost } from './operation-cost.ts';
import { isStream, releaseAtEnd, releaseOnAbort } from './release-at-end.ts';

/** Leaves one of the operation's ten seconds for its response. */
const deadlineMs = 9_000;

/** A healthy database confirms a cancellation within this time. */
const maxCancellationMs = 900;

export interface AdmissionOptions {
  limits: Limits;
  waitForGap: WaitForGap;
  /** Estimates the number of customers of a workspace. */
  countCustomers(workspaceId: string): Promise<number>;
}

/**
 * Decides whether an operation starts: its total cost is computed and deducted from the budget of its key, and an
 * expensive operation waits for one of few slots. Every response states its cost in `extensions`.
 */
export function useAdmission(options: AdmissionOptions): Plugin<OperationContext> {
  const { limits } = options;
  const chooseLane = createLanes(options.waitForGap);

  async function admit<T>(args: ExecutionArgs, run: (price: Price) => Promise<T>) {
    const context = args.contextValue as OperationContext;
    try {
      return await run(await priceOperation(context, args, options));
    } catch (error) {
      return { errors: [toError(error)], extensions: costExtensions(context, limits) };
    }
  }

  return {
    // Invalid variables are left to the executor, which reports them without running anything.
    onExecute({ args: received, executeFn, setExecuteFn }) {
      if (!hasValidVariables(received)) return;
      setExecuteFn((args: ExecutionArgs) =>
        admit(args, async (price) => {
          const context = args.contextValue as OperationContext;
          const { principal } = context;
          const release = principal && limits.acquire('operations', principal);
          try {
            if (principal) limits.spend(principal, price.complexity);
            const run = () => executeFn(args) as Promise<ExecutionResult>;
            const result = await withDeadline(args, () =>
              chooseLane(price).run(context.workspaceId, run, context.signal),
            );
            return withCost(result, { context, price, limits });
          } finally {
            release?.();
          }
        }),
      );
    },
    onSubscribe({ args: received, subscribeFn, setSubscribeFn }) {
      if (!hasValidVariables(received)) return;
      setSubscribeFn((args: ExecutionArgs) =>
        admit(args, async (price) => {
          const { principal, signal, outlet } = args.contextValue as OperationContext;
          if (!principal) return subscribeFn(args);
          const release = limits.acquire('subscriptions', principal);
          try {
            limits.spend(principal, price.complexity);
            const result = await subscribeFn(args);
            if (outlet?.hasStarted()) outlet.whenEnded(release);
            else if (isStream(result)) return releaseAtEnd(result, releaseOnAbort(signal, release));
            else release();
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

/** @throws GraphQLError when the operation exceeds the maximum cost */
async function priceOperation(
  context: OperationContext,
  args: ExecutionArgs,
  { countCustomers }: AdmissionOptions,
): Promise<Price> {
  const first = priceOf(args);
  if (!first.scans || !context.principal) return checkPrice(first, context);
  // Priced again with the number of customers, because the operation scans them.
  context.meter = createMeter(await countCustomers(context.workspaceId));
  return checkPrice(priceOf(args), context);
}

function checkPrice(price: Price, { meter }: OperationContext): Price {
  requireAffordable(price, meter);
  return price;
}

/**
 * Cancels a query at its deadline, in the database too. Mutations have no deadline.
 *
 * @throws QueryTooSlow; StorageUnavailable when the database does not confirm the cancellation, because then the
 *   database is unreachable
 */
async function withDeadline<T>(args: ExecutionArgs, run: () => Promise<T>): Promise<T> {
  const { document, operationName, contextValue } = args;
  const { abort, signal } = contextValue as OperationContext;
  const operation = getOperationAST(document, operationName)?.operation;
  if (operation !== OperationTypeNode.QUERY) return run();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const tooSlow = new QueryTooSlow();
  let timer = setTimeout(() => {
    timer = setTimeout(() => reject(new StorageUnavailable()), maxCancellationMs);
    abort(tooSlow);
  }, deadlineMs);
  // A client that has disconnected does not wait for the cancellation.
  const onAbort = () => signal.reason === tooSlow || reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = Promise.try(run).finally(() => throwIfTooSlow(signal, tooSlow));
    return await Promise.race([answer, failed]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Replaces the incomplete result of a cancelled query and its errors about the cancellation. */
function throwIfTooSlow(signal: AbortSignal, tooSlow: QueryTooSlow) {
  if (signal.reason === tooSlow) throw tooSlow;
}

const toError = (error: unknown) =>
  error instanceof GraphQLError
    ? error
    : new GraphQLError('The operation was not executed.', { originalError: error as Error });
