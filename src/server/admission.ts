import { availableParallelism } from 'node:os';
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { GraphQLError, getOperationAST, getVariableValues, OperationTypeNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { createMeter, type Price, priceOf, requireAffordable } from '../../schema/cost.ts';
import type { Limits } from '../access/limits.ts';
import { QueryTooSlow, RateLimited } from '../platform/errors.ts';
import { createFairGate, type FairGate } from '../platform/fair-gate.ts';
import type { WaitForGap } from './ingest-gap.ts';
import type { OperationContext } from './subscribe.ts';

/** Leaves half a second of the ten that an operation has for its answer. */
const deadlineMs = 9_500;
/** An operation that goes through more rows than this is heavy: few of those run at a time. */
const maxLightRows = 50_000;
const maxHeavyWaiting = 20;
const maxHeavyWaitMs = 4_000;
/** An answer of more values than these is large: to make it holds the event loop up for some time. */
const maxSmallAnswer = 1_000;
const maxLargeWaiting = 1_000;
const maxLargeWaitMs = 7_000;
/** How long a large answer lets ingestion go first. */
const maxYieldMs = 60;

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
  const { limits, waitForGap } = options;
  const heavyLane = createFairGate({
    // One core stays free for everything else.
    slots: Math.max(1, availableParallelism() - 1),
    slotsPerKey: 1,
    maxWaitingPerKey: maxHeavyWaiting,
    maxWaitMs: maxHeavyWaitMs,
    refuse: () =>
      new RateLimited('Other large queries of this workspace are still running.', 2_000),
  });
  const largeAnswers = createFairGate({
    slots: 2,
    slotsPerKey: 1,
    maxWaitingPerKey: maxLargeWaiting,
    maxWaitMs: maxLargeWaitMs,
  });

  const betweenIngests: Pick<FairGate, 'run'> = {
    run: (key, work, signal) =>
      largeAnswers.run(key, () => waitForGap(maxYieldMs).then(work), signal),
  };

  function laneOf({ rows, complexity, scanned }: Price): Pick<FairGate, 'run'> {
    if (rows > maxLightRows) return heavyLane;
    return complexity - scanned > maxSmallAnswer ? betweenIngests : noLane;
  }

  async function admit<T>(args: ExecutionArgs, run: (price: Price) => Promise<T>) {
    const context = args.contextValue as OperationContext;
    try {
      return await run(await priceIn(context, args, options));
    } catch (error) {
      return { errors: [toError(error)], extensions: extensionsOf(context, limits) };
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

const noLane: Pick<FairGate, 'run'> = { run: (_key, work) => work() };

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

/** Reading ends with the deadline, in the database too; what writes is carried out or not, never cut off. */
async function withDeadline<T>(args: ExecutionArgs, run: () => Promise<T>): Promise<T> {
  const { document, operationName, contextValue } = args;
  const { abort, signal } = contextValue as OperationContext;
  const operation = getOperationAST(document, operationName)?.operation;
  if (operation !== OperationTypeNode.QUERY) return run();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  const timer = setTimeout(() => abort(new QueryTooSlow()), deadlineMs);
  try {
    return await Promise.race([run(), promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

function withCost(
  result: ExecutionResult,
  { context, price, limits }: { context: OperationContext; price: Price; limits: Limits },
): ExecutionResult {
  const used = Math.min(price.complexity, price.scanned + countValues(result.data));
  if (context.principal) limits.refund(context.principal, price.complexity - used);
  const cost = { requested: price.complexity, used };
  return {
    ...result,
    extensions: { ...result.extensions, ...extensionsOf(context, limits, cost) },
  };
}

/** How many fields an answer has, those of every row counted. */
function countValues(data: unknown): number {
  if (Array.isArray(data)) return data.reduce((sum: number, item) => sum + countValues(item), 0);
  if (typeof data !== 'object' || data === null) return 0;
  return Object.values(data).reduce((sum: number, value) => sum + 1 + countValues(value), 0);
}

function extensionsOf(
  { principal }: OperationContext,
  limits: Limits,
  cost: { requested: number; used: number } = { requested: 0, used: 0 },
) {
  const budget = principal && limits.budget(principal);
  const { remaining = null, restoresPerSecond = null } = budget ?? {};
  return { cost: { ...cost, remaining, restoresPerSecond } };
}

const toError = (error: unknown) =>
  error instanceof GraphQLError
    ? error
    : new GraphQLError('The operation was not carried out.', { originalError: error as Error });

const isStream = (result: unknown): result is AsyncIterableIterator<ExecutionResult> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;

/** A stream whose client leaves before it is pulled is never told to end. */
function releaseOn(signal: AbortSignal, release: () => void): () => void {
  const end = () => {
    signal.removeEventListener('abort', end);
    release();
  };
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  return end;
}

function releasedAtEnd<T>(
  stream: AsyncIterableIterator<T>,
  release: () => void,
): AsyncIterableIterator<T> {
  const ending = <R>(step: Promise<R>, isLast: (result: R) => boolean) =>
    step.then(
      (result) => {
        if (isLast(result)) release();
        return result;
      },
      (error) => {
        release();
        throw error;
      },
    );
  const ended = { done: true, value: undefined } as const;
  return {
    next: () => ending(stream.next(), ({ done }) => done === true),
    return: () => ending(stream.return?.() ?? Promise.resolve(ended), () => true),
    throw: (error) => ending(stream.throw?.(error) ?? Promise.resolve(ended), () => true),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
