import type { ExecutionResult } from 'graphql';
import type { Price } from '../../../schema/kernel/cost.ts';
import type { Limits } from '../../access/limits.ts';
import type { OperationContext } from './live/operation-context.ts';

/** Refunds the cost that the result did not use, and adds the cost to the result. */
export function withCost(
  result: ExecutionResult,
  { context, price, limits }: { context: OperationContext; price: Price; limits: Limits },
): ExecutionResult {
  const used = Math.min(price.complexity, price.scanned + countValues(result.data));
  if (context.principal) limits.refund(context.principal, price.complexity - used);
  const cost = { requested: price.complexity, used };
  return {
    ...result,
    extensions: { ...result.extensions, ...costExtensions(context, limits, cost) },
  };
}

/** The number of field values in a result. */
function countValues(data: unknown): number {
  if (Array.isArray(data)) return data.reduce((sum: number, item) => sum + countValues(item), 0);
  if (typeof data !== 'object' || data === null) return 0;
  return Object.values(data).reduce((sum: number, value) => sum + 1 + countValues(value), 0);
}

/** `extensions.cost` of a result. */
export function costExtensions(
  { principal }: OperationContext,
  limits: Limits,
  cost: { requested: number; used: number } = { requested: 0, used: 0 },
) {
  const budget = principal && limits.budget(principal);
  const { remaining = null, restoresPerSecond = null } = budget ?? {};
  return { cost: { ...cost, remaining, restoresPerSecond } };
}
