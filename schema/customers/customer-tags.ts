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
import { addServiceMutation, definePayload, principalOf } from '../kernel/mutation.ts';
import { Customer } from './customer.ts';
import { findSurvivor, survivorOf } from './customer-rows.ts';

const ConsentType = builder.objectRef<Consent>('Consent').implement({
  description:
    'The decision of a customer about one purpose. Purposes without a decision are absent.',
  fields: (t) => ({
    purpose: t.exposeString('purpose', { description: 'For example "newsletter".' }),
    granted: t.exposeBoolean('granted', { description: 'True if granted, false if denied.' }),
  }),
});

builder.prismaObjectFields('Customer', (t) => ({
  tags: t.stringList({
    description: 'The tags, sorted. `CustomerFilter.tag` filters by them.',
    resolve: ({ traits }) => tagsOf(traits),
  }),
  consents: t.field({
    type: [ConsentType],
    description: 'The consents, sorted by purpose. `CustomerFilter.consent` filters by them.',
    resolve: ({ traits }) => consentsOf(traits),
  }),
}));

const maxCustomers = 250;
const maxTags = 20;
const maxLength = 256;

/** The ids of the surviving customers, without repetitions. @throws NotFound unless all of them exist. */
async function requireCustomers(ctx: RequestContext, ids: readonly string[]): Promise<string[]> {
  if (ids.length < 1 || ids.length > maxCustomers) {
    throw new InvalidInput(`Pass 1 to ${maxCustomers} customers; these are ${ids.length}.`);
  }
  return [...new Set(await Promise.all(ids.map((id) => requireCustomer(ctx, id))))];
}

async function requireCustomer(ctx: RequestContext, id: string): Promise<string> {
  const key = parseUuid('Customer', id);
  const found = key === undefined ? undefined : await findSurvivor(ctx, key);
  if (!found) throw new NotFound('customer');
  return found.id;
}

/** An identity by which an `identify` call can refer to the customer; a user id before others. */
function callIdentity(identities: readonly OwnedIdentity[]) {
  const userId = identities.find(({ kind }) => kind === 'user_id')?.value;
  if (userId !== undefined) return { userId };
  const anonymousId = identities.find(({ kind }) => kind === 'anonymous_id')?.value;
  if (anonymousId !== undefined) return { anonymousId };
  throw new InvalidInput('The customer has neither a user id nor an anonymous id.');
}

type Traits = Record<string, boolean | null>;

/** `identify` calls that set the traits of each customer. */
async function identifyCalls(ctx: RequestContext, customers: readonly string[], traits: Traits) {
  const identities = await identitiesOf(ctx.tx, ctx.workspaceId, customers);
  const byOwner = Map.groupBy(identities, ({ ownerId }) => ownerId);
  return customers.map((id) => ({
    type: 'identify',
    ...callIdentity(byOwner.get(id) ?? []),
    traits,
  }));
}

async function ingest(calls: object[], ctx: RequestContext): Promise<void> {
  const results = await ctx.services.ingest(principalOf(ctx), calls, ctx.now());
  const refused = results.find((result) => result.status === 'refused');
  if (refused) throw new InvalidInput(refused.message);
}

function requireText(what: string, text: string): string {
  if (text.trim() === '' || text.length > maxLength || !isStorable(text)) {
    throw new InvalidInput(`A ${what} must have 1 to ${maxLength} characters.`);
  }
  return text;
}

/** The traits that stand for the tags; null removes a tag. */
function tagTraits(add: readonly string[], remove: readonly string[]): Traits {
  const count = add.length + remove.length;
  if (count < 1 || count > maxTags) {
    throw new InvalidInput(`Add and remove 1 to ${maxTags} tags at once; these are ${count}.`);
  }
  const both = add.find((tag) => remove.includes(tag));
  if (both !== undefined) {
    throw new InvalidInput(`The tag ${JSON.stringify(both)} is in both \`add\` and \`remove\`.`);
  }
  return Object.fromEntries([
    ...add.map((tag) => [tagTrait(requireText('tag', tag)), true]),
    ...remove.map((tag) => [tagTrait(requireText('tag', tag)), null]),
  ]);
}

const TagCustomersPayload = definePayload<{ customers: readonly string[] }>(
  'TagCustomersPayload',
  'The tagged customers.',
  (t) => ({
    customers: t.field({
      type: [Customer],
      description:
        'In the order they were passed, without repetitions. After a merge, the surviving customer.',
      resolve: ({ customers }, _args, ctx) => customers.map((id) => survivorOf(ctx, id)),
    }),
  }),
);

const SetConsentPayload = definePayload<{ customer: string }>(
  'SetConsentPayload',
  'The customer with the recorded consent.',
  (t) => ({
    customer: t.field({
      type: Customer,
      resolve: ({ customer }, _args, ctx) => survivorOf(ctx, customer),
    }),
  }),
);

const asIdentify = 'Recorded as an `identify` call, which appears in the history as an event.';

addServiceMutation('tagCustomers', {
  type: TagCustomersPayload,
  description: `Adds and removes tags. If one id is unknown, nothing changes. ${asIdentify}`,
  errors: [NotFound, InvalidInput],
  args: (arg) => ({
    customers: arg.idList({ required: true, description: `1 to ${maxCustomers} ids.` }),
    add: arg.stringList({
      description: `Case-sensitive. \`add\` and \`remove\` have at most ${maxTags} tags together.`,
    }),
    remove: arg.stringList({ description: 'Tags that a customer does not have are ignored.' }),
  }),
  async parse({ customers, add, remove }, ctx) {
    const traits = tagTraits(add ?? [], remove ?? []);
    const ids = await requireCustomers(ctx, customers);
    return { customers: ids, calls: await identifyCalls(ctx, ids, traits) };
  },
  call: ({ calls }, ctx) => ingest(calls, ctx),
});

addServiceMutation('setConsent', {
  type: SetConsentPayload,
  description: `Records whether a customer consents to one purpose. ${asIdentify}`,
  errors: [NotFound, InvalidInput],
  args: (arg) => ({
    customer: arg.id({ required: true }),
    purpose: arg.string({ required: true, description: 'For example "newsletter".' }),
    granted: arg.boolean({ required: true, description: 'True to grant, false to deny.' }),
  }),
  async parse({ customer, purpose, granted }, ctx) {
    const trait = consentTrait(requireText('purpose', purpose));
    const id = await requireCustomer(ctx, customer);
    return { customer: id, calls: await identifyCalls(ctx, [id], { [trait]: granted }) };
  },
  call: ({ calls }, ctx) => ingest(calls, ctx),
});
