import type { Customer } from '../../prisma/generated/client.ts';
import type { RequestContext } from '../kernel/context.ts';
import { createBatch } from '../kernel/per-operation.ts';

const batch = createBatch<Customer>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.customer.findMany({ where: { workspaceId, id: { in: [...ids] } } });
  return new Map(rows.map((row) => [row.id, row]));
});

/** A customer as it is, merged or not. */
export const findCustomer = (ctx: RequestContext, id: string) => batch(ctx, id, undefined);

/** The customer that the id leads to: itself, or the one it lives on in. */
export async function findSurvivor(ctx: RequestContext, id: string): Promise<Customer | undefined> {
  const found = await findCustomer(ctx, id);
  return found?.mergedInto ? findCustomer(ctx, found.mergedInto) : found;
}

/** For an id that a row refers to. @throws Error when the database lost that customer. */
export async function keptCustomer(ctx: RequestContext, id: string): Promise<Customer> {
  return demand(await findCustomer(ctx, id), id);
}

/** The same, led on to the survivor. */
export async function survivorOf(ctx: RequestContext, id: string): Promise<Customer> {
  return demand(await findSurvivor(ctx, id), id);
}

function demand(found: Customer | undefined, id: string): Customer {
  if (!found) throw new Error(`Customer ${id} is referred to, yet does not exist`);
  return found;
}
