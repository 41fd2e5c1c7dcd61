import type { Change } from '../../src/engine/changes/kinds.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { findSurvivor } from '../customers/customer-rows.ts';
import type { RequestContext } from '../kernel/context.ts';
import { parseUuid } from '../kernel/global-id.ts';

/**
 * Matches the changes of a customer under every id it has or will have. The log records a merge before any
 * change that follows from it. The result must be called with every change, in order.
 */
export async function createCustomerMatcher(
  ctx: RequestContext,
  customer: string | null | undefined,
): Promise<(change: Change) => boolean> {
  if (customer === null || customer === undefined) return () => true;
  const id = parseUuid('Customer', customer);
  const survivor = id && (await findSurvivor(ctx, id));
  if (!survivor) throw new InvalidInput('No customer with that id in this workspace.');
  const absorbed = await ctx.tx.customer.findMany({
    where: { workspaceId: ctx.workspaceId, mergedInto: survivor.id },
    select: { id: true },
  });
  const family = new Set([survivor.id, ...absorbed.map((row) => row.id)]);
  return (change) => {
    if (change.kind === 'CUSTOMER_MERGED') addMerged(family, change.data);
    if (change.kind === 'CUSTOMER_UNMERGED') removeUnmerged(family, id, change.data.from);
    return family.has(change.customerId);
  };
}

function addMerged(family: Set<string>, { from, into }: { from: string; into: string }) {
  if (family.has(from) || family.has(into)) family.add(from).add(into);
}

/** When the watched customer itself is separated, only its own id still matches. */
function removeUnmerged(family: Set<string>, watched: string, from: string) {
  if (from === watched) family.clear();
  else family.delete(from);
  family.add(watched);
}
