import { identitiesOf, type OwnedIdentity } from '../../src/engine/customers/identities.ts';
import {
  type Consent,
  consentsOf,
  consentTrait,
  tagsOf,
  tagTrait,
} from '../../src/engine/customers/reserved-traits.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { isStorable, parseUuid } from '../kernel/global-id.ts';
import { leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import { Customer } from './customer.ts';
import { findSurvivor, survivorOf } from './customer-rows.ts';

const ConsentType = builder.objectRef<Consent>('Consent').implement({
  description: 'What a customer said about one purpose. Where nobody told, there is none.',
  fields: (t) => ({
    purpose: t.exposeString('purpose', { description: 'Such as "newsletter".' }),
    granted: t.exposeBoolean('granted', { description: 'Agreed, or denied.' }),
  }),
});

builder.prismaObjectFields('Customer', (t) => ({
  tags: t.stringList({
    description: 'In the order of their spelling. Ask for them by `CustomerFilter.tag`.',
    resolve: ({ traits }) => tagsOf(traits),
  }),
  consents: t.field({
    type: [ConsentType],
    description: 'In the order of the purposes. Ask for them by `CustomerFilter.consent`.',
    resolve: ({ traits }) => consentsOf(traits),
  }),
}));

const mostCustomers = 250;
const mostTags = 20;
const longest = 256;

/** The customers that the ids lead to, each once. @throws NotFound unless every one of them exists. */
async function requireCustomers(ctx: RequestContext, ids: readonly string[]): Promise<string[]> {
  if (ids.length < 1 || ids.length > mostCustomers) {
    throw new InvalidInput(`Pass 1 to ${mostCustomers} customers; these are ${ids.length}.`);
  }
  const found = await Promise.all(
    ids.map(async (id) => {
      const key = parseUuid('Customer', id);
      return key === undefined ? undefined : findSurvivor(ctx, key);
    }),
  );
  const survivors = found.map((customer) => {
    if (!customer) throw new NotFound('customer');
    return customer.id;
  });
  return [...new Set(survivors)];
}

/** A name by which a call can be about the customer, its own id in the caller's system before others. */
function callName(names: readonly OwnedIdentity[]) {
  const userId = names.find(({ kind }) => kind === 'user_id')?.value;
  if (userId !== undefined) return { userId };
  const anonymousId = names.find(({ kind }) => kind === 'anonymous_id')?.value;
  if (anonymousId !== undefined) return { anonymousId };
  throw new InvalidInput('The customer has neither a user id nor an anonymous id to be told by.');
}

/** Tells the same traits of each of the customers, as an `identify` call would. */
async function tell(
  ctx: RequestContext,
  customers: readonly string[],
  traits: Record<string, unknown>,
): Promise<void> {
  const { principal } = ctx;
  if (!principal) throw new Error('Authorised, yet nobody is known');
  const names = await identitiesOf(ctx.tx, ctx.workspaceId, customers);
  const byOwner = Map.groupBy(names, ({ ownerId }) => ownerId);
  const calls = customers.map((id) => ({
    type: 'identify',
    ...callName(byOwner.get(id) ?? []),
    traits,
  }));
  await leaveSnapshot(ctx);
  const results = await ctx.services.ingest(principal, calls, ctx.now());
  const refused = results.find((result) => result.status === 'refused');
  if (refused) throw new InvalidInput(refused.message);
}

function requireWord(what: string, word: string): string {
  if (word.trim() === '' || word.length > longest || !isStorable(word)) {
    throw new InvalidInput(`A ${what} is a text of 1 to ${longest} characters.`);
  }
  return word;
}

/** The traits that say so; null takes a tag away. */
function tagTraits(add: readonly string[], remove: readonly string[]): Record<string, true | null> {
  const count = add.length + remove.length;
  if (count < 1 || count > mostTags) {
    throw new InvalidInput(`Add and remove 1 to ${mostTags} tags at once; these are ${count}.`);
  }
  const both = add.find((tag) => remove.includes(tag));
  if (both !== undefined) {
    throw new InvalidInput(`The tag ${JSON.stringify(both)} is to be both added and removed.`);
  }
  return Object.fromEntries([
    ...add.map((tag) => [tagTrait(requireWord('tag', tag)), true]),
    ...remove.map((tag) => [tagTrait(requireWord('tag', tag)), null]),
  ]);
}

const TagCustomersPayload = builder
  .objectRef<{ customers: readonly string[] }>('TagCustomersPayload')
  .implement({
    authScopes: coveredByMutation,
    description: 'The tags are as was asked for.',
    fields: (t) => ({
      customers: t.field({
        type: [Customer],
        description: 'In the order they were passed in, each once; merged ones as their survivors.',
        resolve: ({ customers }, _args, ctx) => customers.map((id) => survivorOf(ctx, id)),
      }),
    }),
  });

const SetConsentPayload = builder.objectRef<{ customer: string }>('SetConsentPayload').implement({
  authScopes: coveredByMutation,
  description: 'The consent is as was told.',
  fields: (t) => ({
    customer: t.field({
      type: Customer,
      resolve: ({ customer }, _args, ctx) => survivorOf(ctx, customer),
    }),
  }),
});

const asIdentify =
  'It is recorded as an `identify` call made now, in the history of the customer and counted as an event.';

builder.mutationFields((t) => ({
  tagCustomers: t.field({
    type: TagCustomersPayload,
    description: `Adds and removes tags: all of it, or nothing if an id leads nowhere. ${asIdentify}`,
    authScopes: { write: true },
    errors: { types: [NotFound, InvalidInput] },
    args: {
      customers: t.arg.idList({ required: true, description: `1 to ${mostCustomers} ids.` }),
      add: t.arg.stringList({
        description: `At most ${mostTags} together with \`remove\`, in exactly this spelling.`,
      }),
      remove: t.arg.stringList({ description: 'Those that a customer has not do no harm.' }),
    },
    resolve: async (_root, { customers, add, remove }, ctx) => {
      const traits = tagTraits(add ?? [], remove ?? []);
      const ids = await requireCustomers(ctx, customers);
      await tell(ctx, ids, traits);
      return { customers: ids };
    },
  }),
  setConsent: t.field({
    type: SetConsentPayload,
    description: `Tells whether a customer agrees to one purpose. ${asIdentify}`,
    authScopes: { write: true },
    errors: { types: [NotFound, InvalidInput] },
    args: {
      customer: t.arg.id({ required: true }),
      purpose: t.arg.string({ required: true, description: 'Such as "newsletter".' }),
      granted: t.arg.boolean({ required: true, description: 'Agrees, or denies.' }),
    },
    resolve: async (_root, { customer, purpose, granted }, ctx) => {
      const trait = consentTrait(requireWord('purpose', purpose));
      const [id] = await requireCustomers(ctx, [customer]);
      if (id === undefined) throw new NotFound('customer');
      await tell(ctx, [id], { [trait]: granted });
      return { customer: id };
    },
  }),
}));
