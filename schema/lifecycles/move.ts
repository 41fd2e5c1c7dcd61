import { MoveRefused } from '../../src/domains/lifecycles/move-by-hand.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { Customer } from '../customers/customer.ts';
import { keptCustomer } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { Refusal } from '../kernel/errors.ts';
import { parseUuid } from '../kernel/global-id.ts';
import { leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import { requireLifecycle } from './catalogue.ts';
import { CustomerStage, placeIn } from './customer-stage.ts';
import { lifecycleArg } from './lifecycle.ts';

builder.objectType(MoveRefused, {
  name: 'MoveRefused',
  authScopes: coveredByMutation,
  description:
    'The rules would take the customer elsewhere at once: pin the move, or change the rules.',
  interfaces: [Refusal],
  fields: (t) => ({
    stageKey: t.exposeString('stageKey', { description: 'The stage whose rule holds.' }),
    rule: t.expose('rule', {
      type: 'JSON',
      description: 'That rule, a `CustomerFilter`. Needs the scope READ.',
      authScopes: { read: true },
    }),
  }),
});

interface Placed {
  customerId: string;
  lifecycleId: string;
}

const place = (ctx: RequestContext, { customerId, lifecycleId }: Placed) =>
  placeIn(ctx, customerId, lifecycleId);

const MoveCustomerPayload = builder
  .objectRef<Placed & { moved: boolean }>('MoveCustomerPayload')
  .implement({
    authScopes: coveredByMutation,
    description: 'Where the customer is now.',
    fields: (t) => ({
      moved: t.exposeBoolean('moved', {
        description: 'False for a customer that was there already.',
      }),
      customer: t.field({
        type: Customer,
        resolve: ({ customerId }, _args, ctx) => keptCustomer(ctx, customerId),
      }),
      place: t.field({
        type: CustomerStage,
        nullable: true,
        authScopes: { read: true },
        resolve: async (placed, _args, ctx) => (await place(ctx, placed)) ?? null,
      }),
    }),
  });

const UnpinCustomerPayload = builder
  .objectRef<Placed & { unpinned: boolean }>('UnpinCustomerPayload')
  .implement({
    authScopes: coveredByMutation,
    description: 'Where the customer is now that the rules may move it.',
    fields: (t) => ({
      unpinned: t.exposeBoolean('unpinned', { description: 'False where there was no pin.' }),
      customer: t.field({
        type: Customer,
        resolve: ({ customerId }, _args, ctx) => keptCustomer(ctx, customerId),
      }),
      place: t.field({
        type: CustomerStage,
        nullable: true,
        authScopes: { read: true },
        resolve: async (placed, _args, ctx) => (await place(ctx, placed)) ?? null,
      }),
    }),
  });

function requireCustomerId(text: string): string {
  const id = parseUuid('Customer', text);
  if (id === undefined) throw new NotFound('customer');
  return id;
}

function toPin({
  pinUntil,
  pin,
}: {
  pinUntil?: Date | null | undefined;
  pin?: boolean | null | undefined;
}) {
  if (pinUntil && pin === false) {
    throw new InvalidInput('`pinUntil` says to pin the customer, `pin` says not to.');
  }
  return pinUntil ?? (pin ? ('infinity' as const) : undefined);
}

builder.mutationFields((t) => ({
  moveCustomer: t.field({
    type: MoveCustomerPayload,
    description:
      'Moves a customer to a stage by hand. Without a pin the move is refused when the rules would take the customer elsewhere at once; a later event may. A move to where the customer is already writes nothing, but may change its pin.',
    authScopes: { write: true },
    errors: { types: [NotFound, InvalidInput, MoveRefused] },
    args: {
      customer: t.arg.id({ required: true, description: 'Not one that was merged: its survivor.' }),
      lifecycle: t.arg.string({ description: lifecycleArg }),
      to: t.arg.string({ required: true, description: 'The key of a stage, in any case.' }),
      reason: t.arg.string({ required: true, description: 'Why, for the record.' }),
      pinUntil: t.arg({
        type: 'DateTime',
        description: 'Rules leave the customer there until this instant.',
      }),
      pin: t.arg.boolean({ description: 'Rules leave the customer there until it is unpinned.' }),
    },
    resolve: async (_root, args, ctx) => {
      const customerId = requireCustomerId(args.customer);
      const { id: lifecycleId } = await requireLifecycle(ctx, args.lifecycle);
      const placed = { customerId, lifecycleId };
      const { to, reason } = args;
      const request = { ...placed, to, reason, pinnedUntil: toPin(args), keyId: keyIdOf(ctx) };
      await leaveSnapshot(ctx);
      const { moved } = await ctx.services.lifecycles.move(ctx.workspaceId, request, ctx.now());
      return { ...placed, moved };
    },
  }),
  unpinCustomer: t.field({
    type: UnpinCustomerPayload,
    description:
      "Takes away the pin of a customer's place: the rules move it again, at once if they would have.",
    authScopes: { write: true },
    errors: { types: [NotFound, InvalidInput] },
    args: {
      customer: t.arg.id({ required: true }),
      lifecycle: t.arg.string({ description: lifecycleArg }),
      reason: t.arg.string({ description: 'For the record, where the rules move it at once.' }),
    },
    resolve: async (_root, args, ctx) => {
      const customerId = requireCustomerId(args.customer);
      const { id: lifecycleId } = await requireLifecycle(ctx, args.lifecycle);
      const placed = { customerId, lifecycleId };
      const request = { ...placed, keyId: keyIdOf(ctx), reason: args.reason ?? undefined };
      await leaveSnapshot(ctx);
      const { unpinned } = await ctx.services.lifecycles.unpin(ctx.workspaceId, request, ctx.now());
      return { ...placed, unpinned };
    },
  }),
}));

function keyIdOf({ principal }: RequestContext): string {
  if (!principal) throw new Error('Nobody may move a customer without a key');
  return principal.keyId;
}
