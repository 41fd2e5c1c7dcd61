import {
  countCustomers,
  type CustomerSelection,
  type CustomerSort,
  type Direction,
  findCustomers,
  type FoundCustomer,
  sortPatterns,
} from '../src/customers/search.ts';
import { builder } from './builder.ts';
import { demandLifecycle, demandStages } from './catalogue.ts';
import type { RequestContext } from './context.ts';
import { pageCost } from './cost.ts';
import { Customer } from './customer.ts';
import { findCustomer, findSurvivor } from './customer-rows.ts';
import { isStorable, parseUuid, uuidPattern } from './global-id.ts';
import { lifecycleArg } from './lifecycle.ts';
import { type PageArgs, pageSize, parsePlace, toConnection } from './page.ts';

const IdentityInput = builder.inputType('IdentityInput', {
  fields: (t) => ({
    kind: t.string({ required: true, description: 'As in `Identity.kind`.' }),
    value: t.string({ required: true }),
  }),
});

const CustomerBy = builder.inputType('CustomerBy', {
  description: 'One name of a customer. A name that was given to a merged customer leads to the survivor.',
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

async function lookUp(ctx: RequestContext, by: By) {
  if (by.id) {
    const id = parseUuid('Customer', by.id);
    return id === undefined ? undefined : findSurvivor(ctx, id);
  }
  const identity = identityOf(by);
  if (!identity || !isStorable(identity.kind + identity.value)) return undefined;
  const { tx, workspaceId } = ctx;
  const found = await tx.identity.findUnique({
    where: { workspaceId_kind_value: { workspaceId, ...identity } },
  });
  return found ? findSurvivor(ctx, found.customerId) : undefined;
}

const StageWhere = builder.inputType('StageWhere', {
  description: 'Customers in any of the stages of one lifecycle.',
  fields: (t) => ({
    lifecycle: t.string({ description: lifecycleArg }),
    in: t.stringList({ required: true, description: 'Keys of stages, in any case.' }),
  }),
});

const CustomerWhere = builder.inputType('CustomerWhere', {
  description: 'Which customers are wanted.',
  fields: (t) => ({ stage: t.field({ type: StageWhere }) }),
});

const sortFields = {
  CREATED: { description: 'When it was first seen.' },
  LAST_SEEN: {},
  ORDERS: {},
  NET_REVENUE: {},
  NAME: { description: 'In any case; whoever has no name comes last.' },
} as const satisfies Record<CustomerSort, { description?: string }>;

const CustomerOrder = builder.inputType('CustomerOrder', {
  description: 'Customers that are equal in the field are ordered by their ids.',
  fields: (t) => ({
    field: t.field({
      type: builder.enumType('CustomerOrderField', { values: sortFields }),
      required: true,
    }),
    direction: t.field({
      type: builder.enumType('OrderDirection', { values: { ASC: {}, DESC: {} } }),
      defaultValue: 'DESC',
    }),
  }),
});

interface CustomersArgs extends PageArgs {
  where?: typeof CustomerWhere.$inferInput | null | undefined;
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
  const stage = where?.stage ? await toStage(ctx, where.stage) : undefined;
  return { stage, text: text === '' ? undefined : (parseUuid('Customer', text) ?? text) };
}

async function toStage(ctx: RequestContext, where: typeof StageWhere.$inferInput) {
  const lifecycle = await demandLifecycle(ctx, where.lifecycle);
  return { lifecycleId: lifecycle.id, keys: demandStages(lifecycle, where.in) };
}

const placeIn = (sort: CustomerSort, cursor: string | null | undefined) =>
  cursor === null || cursor === undefined
    ? undefined
    : parsePlace(cursor, [...sortPatterns(sort), uuidPattern]);

async function readPage(ctx: RequestContext, args: CustomersArgs, selection: CustomerSelection) {
  const { size, backwards } = pageSize(args);
  const sort = args.orderBy?.field ?? 'CREATED';
  const direction: Direction = args.orderBy?.direction ?? 'DESC';
  return findCustomers(ctx.tx, ctx.workspaceId, {
    ...selection,
    sort,
    direction,
    after: placeIn(sort, args.after),
    before: placeIn(sort, args.before),
    backwards,
    limit: size + 1,
  });
}

const CustomerConnection = builder.connectionObject(
  {
    type: Customer,
    name: 'CustomerConnection',
  },
  { name: 'CustomerEdge' },
);
