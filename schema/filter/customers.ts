import { riskOrder } from '../../src/domains/churn/filter/risk-order.ts';
import { whereHolds } from '../../src/engine/conditions/where.ts';
import {
  type CustomerSelection,
  type CustomerSort,
  countCustomers,
  type FoundCustomer,
  findCustomers,
  sortPatterns,
} from '../../src/engine/customers/search.ts';
import {
  CustomerFilter,
  demandCondition,
  type FilterInput,
  vocabularyOf,
} from '../filter/filter.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { countOf, pageCost } from '../kernel/cost.ts';
import { isStorable, parseUuid, uuidPattern } from '../kernel/global-id.ts';
import { type PageArgs, pageSize, parsePlace, toConnection } from '../kernel/page.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';
import { Customer } from './customer.ts';
import { findSurvivor, keptCustomer } from './customer-rows.ts';

const IdentityInput = builder.inputType('IdentityInput', {
  description: 'One name a customer is known by.',
  fields: (t) => ({
    kind: t.string({ required: true, description: 'As in `Identity.kind`.' }),
    value: t.string({ required: true }),
  }),
});

export const CustomerBy = builder.inputType('CustomerBy', {
  description:
    'One name of a customer. A name that was given to a merged customer leads to the survivor.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'The global id, or the customer id inside it.' }),
    userId: t.string(),
    anonymousId: t.string(),
    email: t.string({ description: 'In any case.' }),
    identity: t.field({ type: IdentityInput }),
  }),
});

type By = typeof CustomerBy.$inferInput;

function identityOf(by: By): { kind: string; value: string } | undefined {
  if (by.identity) return by.identity;
  if (by.email) return { kind: 'email', value: by.email.trim().toLowerCase() };
  if (by.anonymousId) return { kind: 'anonymous_id', value: by.anonymousId };
  return by.userId ? { kind: 'user_id', value: by.userId } : undefined;
}

const loadNamed = createBatch<string>(async ({ tx, workspaceId }, names) => {
  const pairs = names.map((name) => JSON.parse(name) as [kind: string, value: string]);
  const rows = await tx.$queryRaw<Array<{ kind: string; value: string; id: string }>>`
    select i.kind, i.value, i.customer_id as id
    from unnest(${pairs.map(([kind]) => kind)}::text[], ${pairs.map(([, value]) => value)}::text[])
      as asked (kind, value)
    join identity i on i.workspace_id = ${workspaceId}::uuid
      and i.kind = asked.kind and i.value = asked.value`;
  return new Map(rows.map(({ kind, value, id }) => [JSON.stringify([kind, value]), id]));
});

/** The customer that the name leads to, after a merge the survivor. */
export async function lookUp(ctx: RequestContext, by: By) {
  if (by.id) {
    const id = parseUuid('Customer', by.id);
    return id === undefined ? undefined : findSurvivor(ctx, id);
  }
  const identity = identityOf(by);
  if (!identity || !isStorable(identity.kind + identity.value)) return undefined;
  const found = await loadNamed(ctx, JSON.stringify([identity.kind, identity.value]), undefined);
  return found === undefined ? undefined : findSurvivor(ctx, found);
}

const sortFields = {
  CREATED: { description: 'When it was first seen.' },
  LAST_SEEN: {},
  ORDERS: {},
  NET_REVENUE: {},
  NAME: { description: 'In any case; whoever has no name comes last.' },
  RISK: {
    description:
      'The score of the churn risk, on all pages as of the instant of the first one; whoever is not assessed has the lowest.',
  },
  VALUE_AT_RISK: {
    description:
      'The score times the lifetime value of a year that the silence so far has left: what one stands to lose and may still keep.',
  },
} as const satisfies Record<CustomerSort, { description?: string }>;

const CustomerOrder = builder.inputType('CustomerOrder', {
  description: 'Customers that are equal in the field are ordered by their ids.',
  fields: (t) => ({
    field: t.field({
      type: builder.enumType('CustomerOrderField', {
        description: 'What customers can be ordered by.',
        values: sortFields,
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
  const condition = await demandCondition(ctx, where);
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
  const { riskModel } = await vocabularyOf(ctx);
  return findCustomers(ctx.tx, ctx.workspaceId, {
    ...selection,
    ...orderOf(args),
    after: placeIn(args, args.after),
    before: placeIn(args, args.before),
    backwards,
    limit: size + 1,
    risk: riskOrder(riskModel, ctx.now()),
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
  customer: t.field({
    type: Customer,
    nullable: true,
    description: 'One customer by any of its names. A merged one is answered with its survivor.',
    args: { by: t.arg({ type: CustomerBy, required: true }) },
    resolve: async (_root, { by }, ctx) => (await lookUp(ctx, by)) ?? null,
  }),
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
