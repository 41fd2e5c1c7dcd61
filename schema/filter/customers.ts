import { conditionSql } from '../../src/engine/conditions/where.ts';
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
import { type PageArgs, pageSize, parsePageCursor, toConnection } from '../kernel/page.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';
import { requireSort, sortValues } from './customer-sorts.ts';
import { CustomerFilter, type FilterInput, requireCondition } from './filter.ts';

const CustomerOrder = builder.inputType('CustomerOrder', {
  description: 'The order of customers. Ties are broken by id.',
  fields: (t) => ({
    field: t.field({
      type: builder.enumType('CustomerOrderField', {
        description: 'The fields that customers can be sorted by.',
        values: sortValues(),
      }),
      required: true,
    }),
    direction: t.field({
      type: builder.enumType('OrderDirection', {
        description: 'Ascending or descending.',
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

/** Undefined if no customer can match. */
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
  return conditionSql(condition, { workspaceId: ctx.workspaceId, timeZone, now: ctx.now() });
}

const orderOf = ({ orderBy }: CustomersArgs) => ({
  field: orderBy?.field ?? 'CREATED',
  direction: orderBy?.direction ?? ('DESC' as const),
});

function listOf(args: CustomersArgs): string {
  const { field, direction } = orderOf(args);
  return `customers ${field} ${direction}`;
}

async function readPage(ctx: RequestContext, args: CustomersArgs, selection: CustomerSelection) {
  const { size, backwards } = pageSize(args);
  const { field, direction } = orderOf(args);
  const sort = await requireSort(ctx, field);
  const patterns = [...sortPatterns(sort), uuidPattern];
  return findCustomers(ctx.tx, ctx.workspaceId, {
    ...selection,
    sort,
    direction,
    after: parsePageCursor(listOf(args), args.after, patterns),
    before: parsePageCursor(listOf(args), args.before, patterns),
    backwards,
    limit: size + 1,
  });
}

async function toPage(ctx: RequestContext, args: CustomersArgs) {
  const selection = await toSelection(ctx, args);
  const rows = selection ? await readPage(ctx, args, selection) : [];
  const sortKeyOf = ({ sortedBy, id }: FoundCustomer) => [...sortedBy, id];
  const { edges, pageInfo } = toConnection({ list: listOf(args), rows, args, sortKeyOf });
  return {
    pageInfo,
    // Loaded only if selected: a promise that is not awaited would outlive the transaction and fail.
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
        'The customers in any stage, including anonymous visitors, without merged customers. Page size: 1 to 100, default 20. A customer whose position changes while pages are read may appear twice or not at all; `changes` has no such gaps.',
      complexity: ({ search, ...page }, ctx) => {
        if (search)
          countOf('Look customers up by `customer(by:)` instead of searching.')(page, ctx);
        return pageCost(page);
      },
      args: {
        where: t.arg({ type: CustomerFilter, description: 'Default: all customers.' }),
        search: t.arg.string({
          description:
            'A substring of the name, the e-mail address, an identity or the id, case-insensitive.',
        }),
        orderBy: t.arg({ type: CustomerOrder, description: 'Default: newest first.' }),
      },
      resolve: (_root, args, ctx) => toPage(ctx, args),
    },
    {
      name: 'CustomerConnection',
      fields: (connection) => ({
        totalCount: connection.int({
          description: 'The number of customers on all pages. Computed only if selected.',
          complexity: countOf('Leave `totalCount` out.'),
          resolve: ({ count }) => count(),
        }),
      }),
    },
    { name: 'CustomerEdge' },
  ),
}));
