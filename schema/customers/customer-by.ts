import { findNames } from '../../src/engine/customers/find-names.ts';
import type { NameKind } from '../../src/engine/customers/names.ts';
import { leadingHolder } from '../../src/engine/customers/resolve-names.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { isStorable, parseUuid } from '../kernel/global-id.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { Customer } from './customer.ts';
import { findSurvivor } from './customer-rows.ts';

const IdentityInput = builder.inputType('IdentityInput', {
  description: 'An identity of a customer.',
  fields: (t) => ({
    kind: t.string({ required: true, description: 'See `Identity.kind`.' }),
    value: t.string({ required: true }),
  }),
});

export const CustomerBy = builder.inputType('CustomerBy', {
  description:
    'An identity of a customer. For a merged customer, it refers to the surviving customer.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'The global id, or the plain uuid.' }),
    userId: t.string(),
    anonymousId: t.string(),
    email: t.string({
      description:
        'Case-insensitive. Of several customers with the address, the first that has not stated another one since.',
    }),
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

const loadNamed = createBatch<string>(async ({ tx, workspaceId }, keys) => {
  const names = keys.map((key) => JSON.parse(key) as [kind: NameKind, value: string]);
  const known = await findNames(
    sqlThrough(tx, workspaceId),
    names.map(([kind, value]) => ({ kind, value })),
  );
  const byKey = Map.groupBy(known, ({ name }) => JSON.stringify([name.kind, name.value]));
  return new Map(
    [...byKey].flatMap(([key, holders]) => {
      const [first] = holders;
      const leader = first && leadingHolder(first.name, holders);
      return leader ? [[key, leader.survivorId]] : [];
    }),
  );
});

/** The customer with the identity; after a merge, the surviving customer. */
export async function lookUp(ctx: RequestContext, by: By) {
  if (by.id) {
    const id = parseUuid('Customer', by.id);
    return id === undefined ? undefined : findSurvivor(ctx, id);
  }
  const identity = identityOf(by);
  if (!identity || !isStorable(identity.kind + identity.value)) return undefined;
  const found = await loadNamed(ctx, JSON.stringify([identity.kind, identity.value]));
  return found === undefined ? undefined : findSurvivor(ctx, found);
}

builder.queryFields((t) => ({
  customer: t.field({
    type: Customer,
    nullable: true,
    description:
      'One customer by any of its identities. For a merged customer, returns the surviving customer.',
    args: { by: t.arg({ type: CustomerBy, required: true }) },
    resolve: (_root, { by }, ctx) => lookUp(ctx, by),
  }),
}));
