import { MoveRefused } from '../../src/domains/lifecycles/move-by-hand.ts';
import { moveCustomer, unpinCustomer } from '../../src/domains/lifecycles/move-customer.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { Customer } from '../customers/customer.ts';
import { keptCustomer } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { Refusal } from '../kernel/errors.ts';
import { requireUuid } from '../kernel/global-id.ts';
import { addMutation, definePayload, principalOf } from '../kernel/mutation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import { requireLifecycle } from './catalogue.ts';
import { CustomerStage, currentStage } from './customer-stage.ts';
import { lifecycleArg } from './lifecycle.ts';

builder.objectType(MoveRefused, {
  name: 'MoveRefused',
  authScopes: coveredByMutation,
  description:
    'The rules would move the customer to another stage immediately. Pin the move or change the rules.',
  interfaces: [Refusal],
  fields: (t) => ({
    stageKey: t.exposeString('stageKey', { description: 'The stage whose rule matches.' }),
    rule: t.expose('rule', {
      type: 'JSON',
      description: 'The matching rule, a `CustomerFilter`. Needs the scope READ.',
      authScopes: { read: true },
    }),
  }),
});

interface CustomerInLifecycle {
  customerId: string;
  lifecycleId: string;
}

const MoveCustomerPayload = definePayload<CustomerInLifecycle & { moved: boolean }>(
  'MoveCustomerPayload',
  'The stage of the customer after the move.',
  (t) => ({
    moved: t.exposeBoolean('moved', {
      description: 'False if the customer was already in the stage.',
    }),
    customer: t.field({
      type: Customer,
      resolve: ({ customerId }, _args, ctx) => keptCustomer(ctx, customerId),
    }),
    place: t.field({
      type: CustomerStage,
      nullable: true,
      authScopes: { read: true },
      resolve: ({ customerId, lifecycleId }, _args, ctx) =>
        currentStage(ctx, customerId, lifecycleId),
    }),
  }),
);

const UnpinCustomerPayload = definePayload<CustomerInLifecycle & { unpinned: boolean }>(
  'UnpinCustomerPayload',
  'The stage of the customer without the pin.',
  (t) => ({
    unpinned: t.exposeBoolean('unpinned', { description: 'False if there was no pin.' }),
    customer: t.field({
      type: Customer,
      resolve: ({ customerId }, _args, ctx) => keptCustomer(ctx, customerId),
    }),
    place: t.field({
      type: CustomerStage,
      nullable: true,
      authScopes: { read: true },
      resolve: ({ customerId, lifecycleId }, _args, ctx) =>
        currentStage(ctx, customerId, lifecycleId),
    }),
  }),
);

interface TargetArgs {
  customer: string;
  lifecycle?: string | null | undefined;
}

async function toTarget({ customer, lifecycle }: TargetArgs, ctx: RequestContext) {
  const customerId = requireUuid('Customer', customer);
  const { id: lifecycleId } = await requireLifecycle(ctx, lifecycle);
  return { customerId, lifecycleId, keyId: principalOf(ctx).keyId };
}

interface PinArgs {
  pinUntil?: Date | null | undefined;
  pin?: boolean | null | undefined;
}

function toPin({ pinUntil, pin }: PinArgs) {
  if (pinUntil && pin === false) {
    throw new InvalidInput('`pinUntil` and `pin: false` contradict each other. Omit one of them.');
  }
  return pinUntil ?? (pin ? ('infinity' as const) : undefined);
}

addMutation('moveCustomer', {
  type: MoveCustomerPayload,
  description:
    'Moves a customer to a stage manually. Without a pin the move is refused if the rules would move the customer again immediately; a later event may move it. A move to the present stage records no change but may change the pin.',
  errors: [NotFound, InvalidInput, MoveRefused],
  args: (arg) => ({
    customer: arg.id({
      required: true,
      description: 'For a merged customer, pass the surviving customer.',
    }),
    lifecycle: arg.string({ description: lifecycleArg }),
    to: arg.string({ required: true, description: 'The key of a stage, case-insensitive.' }),
    reason: arg.string({ required: true, description: 'Recorded with the change.' }),
    pinUntil: arg({
      type: 'DateTime',
      description: 'Keeps the customer in the stage until this time, regardless of the rules.',
    }),
    pin: arg.boolean({
      description:
        'Keeps the customer in the stage until `unpinCustomer`, regardless of the rules.',
    }),
  }),
  parse: async (args, ctx) => ({
    ...(await toTarget(args, ctx)),
    to: args.to,
    reason: args.reason,
    pinnedUntil: toPin(args),
  }),
  write: (db, request, { now }) => moveCustomer(db, request, now()),
});

addMutation('unpinCustomer', {
  type: UnpinCustomerPayload,
  description:
    'Removes the pin of a customer. The rules apply again, and may move the customer immediately.',
  errors: [NotFound, InvalidInput],
  args: (arg) => ({
    customer: arg.id({ required: true }),
    lifecycle: arg.string({ description: lifecycleArg }),
    reason: arg.string({
      description: 'Recorded with the change if the rules move the customer immediately.',
    }),
  }),
  parse: async (args, ctx) => ({
    ...(await toTarget(args, ctx)),
    reason: args.reason ?? undefined,
  }),
  write: (db, request, { now }) => unpinCustomer(db, request, now()),
});
