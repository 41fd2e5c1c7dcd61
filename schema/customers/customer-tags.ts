import { tagsOf, tagTrait } from '../../src/engine/customers/reserved-traits.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { addServiceMutation, definePayload } from '../kernel/mutation.ts';
import { Customer } from './customer.ts';
import { survivorOf } from './customer-rows.ts';
import { asEdit, editCustomers, requireCustomer, requireText } from './edit.ts';

builder.prismaObjectField('Customer', 'tags', (t) =>
  t.stringList({
    description: 'The tags, sorted. `CustomerFilter.tag` filters by them.',
    resolve: ({ traits }) => tagsOf(traits),
  }),
);

const maxCustomers = 250;
const maxTags = 20;

/** The ids of the surviving customers, without repetitions. @throws NotFound unless all of them exist. */
async function requireCustomers(ctx: RequestContext, ids: readonly string[]): Promise<string[]> {
  if (ids.length < 1 || ids.length > maxCustomers) {
    throw new InvalidInput(`Pass 1 to ${maxCustomers} customers; these are ${ids.length}.`);
  }
  return [...new Set(await Promise.all(ids.map((id) => requireCustomer(ctx, id))))];
}

/** The traits that stand for the tags; null removes a tag. */
function tagTraits(add: readonly string[], remove: readonly string[]) {
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

addServiceMutation('tagCustomers', {
  type: TagCustomersPayload,
  description: `Adds and removes tags. If one id is unknown, nothing changes. ${asEdit('Tags Changed')}`,
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
    return { customers: await requireCustomers(ctx, customers), traits };
  },
  call: ({ customers, traits }, ctx) =>
    editCustomers(
      customers.map((id) => ({
        name: 'Tags Changed',
        kind: 'identify',
        customerIds: [id],
        traits,
      })),
      ctx,
    ),
});
