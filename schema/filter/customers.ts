import { whereHolds } from '../../src/engine/conditions/where.ts';
import {
  type CustomerSelection,
  countCustomers,
  type FoundCustomer,
  findCustomers,
  sortPatterns,
} from '../../src/engine/customers/search.ts';
import { Customer } from '../customers/customer.ts';
import { keptCustomer } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { countOf, pageCost } from '../kernel/cost.ts';
import { isStorable, parseUuid, uuidPattern } from '../kernel/global-id.ts';
import { type PageArgs, pageSize, parsePlace, toConnection } from '../kernel/page.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';
import { customerSorts, loadSortContext } from './customer-sorts.ts';
import { CustomerFilter, type FilterInput, requireCondition } from './filter.ts';

const CustomerOrder = builder.inputType('CustomerOrder', {
  description: 'Customers that are equal in the field are ordered by their ids.',
  fields: (t) => ({
    field: t.field({
      type: builder.enumType('CustomerOrderField', {
        description: 'What customers can be ordered by.',
        values: customerSorts(),
      }),
      required: true,
    }),
    direction: t.field({
      type: builder.enumType('OrderDirection', {
        description: 'The smallest or earliest first, or the largest or latest.',
        values: { ASC: {}, DESC: {} },
      }),
      defaultValue: 'DESC',
    }),
  }),
});

interface CustomersArgs extends PageArgs {
  where?: FilterInput | null | undefined;
  search?: string | null | undefined;
  orderBy?: typeof CustomerOrder.$inferInput | null | undefined;
}

/** Undefined when nobody can be meant. */
async function toSelection(
  ctx: RequestContext,
  { where, search }: CustomersArgs,
): Promise<CustomerSelection | undefined> {
  const text = search?.trim() ?? '';
  if (!isStorable(text)) return undefined;
  return {
    holds: where ? await toHolds(ctx, where) : undefined,
    text: text === '' ? undefined : (parseUuid('Customer', text) ?? text),
  };
}

async function toHolds(ctx: RequestContext, where: FilterInput) {
  const condition = await requireCondition(ctx, where);
  const { timeZone } = await loadWorkspace(ctx);
  return whereHolds(condition, { workspaceId: ctx.workspaceId, timeZone, now: ctx.now() });
}

const orderOf = ({ orderBy }: CustomersArgs) => ({
  sort: orderBy?.field ?? ('CREATED' as const),
  direction: orderBy?.direction ?? ('DESC' as const),
});

function listOf(args: CustomersArgs): string {
  const { sort, direction } = orderOf(args);
  return `customers ${sort} ${direction}`;
}

const placeIn = (args: CustomersArgs, cursor: string | null | undefined) =>
  cursor === null || cursor === undefined
    ? undefined
    : parsePlace(listOf(args), cursor, [...sortPatterns(orderOf(args).sort), uuidPattern]);

async function readPage(ctx: RequestContext, args: CustomersArgs, selection: CustomerSelection) {
  const { size, backwards } = pageSize(args);
  return findCustomers(ctx.tx, ctx.workspaceId, {
    ...selection,
    ...orderOf(args),
    after: placeIn(args, args.after),
    before: placeIn(args, args.before),
    backwards,
    limit: size + 1,
    ...(await loadSortContext(ctx)),
  });
}

async function toPage(ctx: RequestContext, args: CustomersArgs) {
  const selection = await toSelection(ctx, args);
  const rows = selection ? await readPage(ctx, args, selection) : [];
  const placeOf = ({ sortedBy, id }: FoundCustomer) => [...sortedBy, id];
  const { edges, pageInfo } = toConnection({ list: listOf(args), rows, args, placeOf });
  return {
    pageInfo,
    // Read only when asked for: a reading that nobody awaits outlives the transaction and fails.
    get edges() {
      return edges.map(async ({ cursor, node }) => ({
        cursor,
        node: await keptCustomer(ctx, node.id),
      }));
    },
    count: () => (selection ? countCustomers(ctx.tx, ctx.workspaceId, selection) : 0),
  };
}

builder.queryFields((t) => ({
  customers: t.connection(
    {
      type: Customer,
      description:
        'The customers in any stage, anonymous visitors included, merged ones left out. A page has 20 of them unless `first` or `last` says otherwise, at most 100. A customer that moves in the order while pages are read may be met twice or missed; `changes` is the list without that.',
      complexity: ({ search, ...page }, ctx) => {
        if (search)
          countOf('Look customers up by `customer(by:)` instead of searching.')(page, ctx);
        return pageCost(page);
      },
      args: {
        where: t.arg({ type: CustomerFilter, description: 'Everybody when absent.' }),
        search: t.arg.string({
          description: 'Part of a name, an e-mail address, any identity or an id, in any case.',
        }),
        orderBy: t.arg({ type: CustomerOrder, description: 'The newest first when absent.' }),
      },
      resolve: (_root, args, ctx) => toPage(ctx, args),
    },
    {
      name: 'CustomerConnection',
      fields: (connection) => ({
        totalCount: connection.int({
          description: 'How many there are on all pages together; counted only when asked for.',
          complexity: countOf('Leave `totalCount` out.'),
          resolve: ({ count }) => count(),
        }),
      }),
    },
    { name: 'CustomerEdge' },
  ),
}));
