import type { Customer } from '../../prisma/generated/client.ts';
import type { RequestContext } from '../kernel/context.ts';
import { createRowBatch } from '../kernel/per-operation.ts';

/** The customer with the id, even if it was merged. */
export const findCustomer = createRowBatch((tx, where) => tx.customer.findMany({ where }));

/** The customer with the id or, if it was merged, the surviving customer. */
export async function findSurvivor(ctx: RequestContext, id: string): Promise<Customer | undefined> {
  const found = await findCustomer(ctx, id);
  return found?.mergedInto ? findCustomer(ctx, found.mergedInto) : found;
}

/** The same for an id from the database. @throws Error if the customer does not exist */
export async function keptCustomer(ctx: RequestContext, id: string): Promise<Customer> {
  return requireFound(await findCustomer(ctx, id), id);
}

/** The surviving customer for an id from the database. */
export async function survivorOf(ctx: RequestContext, id: string): Promise<Customer> {
  return requireFound(await findSurvivor(ctx, id), id);
}

function requireFound(found: Customer | undefined, id: string): Customer {
  if (!found) throw new Error(`Customer ${id} is referenced but does not exist`);
  return found;
}
