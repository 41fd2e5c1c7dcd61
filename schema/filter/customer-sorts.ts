import type { CustomerPage, CustomerSort } from '../../src/engine/customers/search.ts';
import type { RequestContext } from '../kernel/context.ts';

type SortFields = Partial<Record<CustomerSort, { description?: string }>>;

/** What the search needs to know for the sort orders of a domain. */
type SortContext = Pick<CustomerPage, 'risk'>;

const fields: SortFields = {
  CREATED: { description: 'When the customer was first seen.' },
  LAST_SEEN: {},
  ORDER_COUNT: {},
  NET_REVENUE: {},
  NAME: { description: 'Case-insensitive. Customers without a name come last.' },
};

const contexts: Array<(ctx: RequestContext) => Promise<SortContext>> = [];

/** Adds sort orders of a later domain to `CustomerOrderField`. */
export function addCustomerSorts(
  added: SortFields,
  load: (ctx: RequestContext) => Promise<SortContext>,
): void {
  Object.assign(fields, added);
  contexts.push(load);
}

/** Called while the schema is built, after all domains are loaded. */
export const customerSorts = () => fields as Record<CustomerSort, { description?: string }>;

export async function loadSortContext(ctx: RequestContext): Promise<SortContext> {
  return Object.assign({}, ...(await Promise.all(contexts.map((load) => load(ctx)))));
}
