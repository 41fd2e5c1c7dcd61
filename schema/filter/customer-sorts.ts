import type { CustomerSort } from '../../src/engine/customers/search.ts';
import type { RequestContext } from '../kernel/context.ts';

/** A value of `CustomerOrderField`. */
interface SortField {
  description?: string;
  sort(ctx: RequestContext): CustomerSort | Promise<CustomerSort>;
}

const fields: Record<string, SortField> = {
  CREATED: {
    description: 'When the customer was first seen.',
    sort: () => ({ fact: 'firstSeenAt' }),
  },
  LAST_SEEN: { sort: () => ({ fact: 'lastSeenAt' }) },
  NAME: {
    description: 'Case-insensitive. Customers without a name come last.',
    sort: () => ({ byName: true }),
  },
};

/** Adds sort orders of a domain. */
export const addCustomerSorts = (added: Record<string, SortField>): void => {
  Object.assign(fields, added);
};

/** The values of the enum; read once all domains are loaded. */
export const sortValues = (): Record<string, { description?: string }> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, { description }]) => [
      name,
      description === undefined ? {} : { description },
    ]),
  );

export async function requireSort(ctx: RequestContext, name: string): Promise<CustomerSort> {
  const field = fields[name];
  if (!field) throw new Error(`There is no sort order "${name}".`);
  return field.sort(ctx);
}
