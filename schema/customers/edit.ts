import type { Edit, EditContext } from '../../src/engine/ingestion/edit-customers.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import type { RequestContext } from '../kernel/context.ts';
import { isStorable, parseUuid } from '../kernel/global-id.ts';
import { principalOf } from '../kernel/mutation.ts';
import { findSurvivor } from './customer-rows.ts';

declare module '../kernel/context.ts' {
  interface Services {
    /** Stores edits by hand and applies them: all or none. */
    editCustomers(workspaceId: string, edits: readonly Edit[], context: EditContext): Promise<void>;
  }
}

/** Who edits, and when. */
export const editContext = (ctx: RequestContext): EditContext => ({
  now: ctx.now(),
  keyId: principalOf(ctx).keyId,
});

export const editCustomers = (edits: readonly Edit[], ctx: RequestContext) =>
  ctx.services.editCustomers(ctx.workspaceId, edits, editContext(ctx));

/** The id of the surviving customer. @throws NotFound */
export async function requireCustomer(ctx: RequestContext, id: string): Promise<string> {
  const key = parseUuid('Customer', id);
  const found = key === undefined ? undefined : await findSurvivor(ctx, key);
  if (!found) throw new NotFound('customer');
  return found.id;
}

const maxLength = 256;

/** @throws InvalidInput unless the text has 1 to 256 characters */
export function requireText(what: string, text: string): string {
  if (text.trim() === '' || text.length > maxLength || !isStorable(text)) {
    throw new InvalidInput(`A ${what} must have 1 to ${maxLength} characters.`);
  }
  return text;
}

/** The end of the description of each mutation that edits customers. */
export const asEdit = (name: string) =>
  `Recorded as the event "${name}" with the origin SYSTEM, which is no activity of the customer.`;
