import { parseAddress } from '../../src/engine/customers/names.ts';
import { isReserved } from '../../src/engine/customers/reserved-traits.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { addServiceMutation, definePayload } from '../kernel/mutation.ts';
import { Customer } from './customer.ts';
import { survivorOf } from './customer-rows.ts';
import { asEdit, editCustomers, requireCustomer, requireText } from './edit.ts';

type Traits = Record<string, unknown>;

interface Corrections {
  email?: string | null | undefined;
  name?: string | null | undefined;
  traits?: unknown;
}

const maxTraits = 100;

/** The traits to set. @throws InvalidInput */
function correctedTraits({ email, name, traits }: Corrections): Traits {
  const named = { ...(email !== undefined && { email }), ...(name !== undefined && { name }) };
  const given = requireTraits(traits ?? {});
  const twice = Object.keys(named).find((trait) => Object.hasOwn(given, trait));
  if (twice) throw new InvalidInput(`\`${twice}\` is also in \`traits\`. Pass it once.`);
  const all: Traits = { ...given, ...named };
  if (Object.keys(all).length === 0) throw new InvalidInput('Pass at least one value to correct.');
  requireAddress(all['email']);
  if (typeof name === 'string') requireText('name', name);
  return all;
}

function requireTraits(traits: unknown): Traits {
  if (typeof traits !== 'object' || traits === null || Array.isArray(traits)) {
    throw new InvalidInput('`traits` must be an object.');
  }
  const names = Object.keys(traits);
  if (names.length > maxTraits) {
    throw new InvalidInput(`\`traits\` has ${names.length} entries; the maximum is ${maxTraits}.`);
  }
  const reserved = names.find(isReserved);
  if (reserved !== undefined) {
    throw new InvalidInput(
      `${JSON.stringify(reserved)} is no trait. Use \`tagCustomers\` or \`setConsent\`.`,
    );
  }
  return { ...traits };
}

function requireAddress(email: unknown) {
  if (email == null || parseAddress(email) !== undefined) return;
  throw new InvalidInput(`${JSON.stringify(email)} is no e-mail address. Pass null to remove it.`);
}

const UpdateCustomerPayload = definePayload<{ customer: string }>(
  'UpdateCustomerPayload',
  'The corrected customer.',
  (t) => ({
    customer: t.field({
      type: Customer,
      resolve: ({ customer }, _args, ctx) => survivorOf(ctx, customer),
    }),
  }),
);

addServiceMutation('updateCustomer', {
  type: UpdateCustomerPayload,
  description: `Corrects or removes the address, the name and traits of a customer. Values that are not passed stay. ${asEdit('Customer Updated')}`,
  errors: [NotFound, InvalidInput],
  args: (arg) => ({
    customer: arg.id({ required: true }),
    email: arg.string({
      description:
        'Null removes the address. An address of another customer belongs to both then; it does not merge them.',
    }),
    name: arg.string({ description: 'The trait `name`. Null removes it.' }),
    traits: arg({
      type: 'JSON',
      description: `An object with at most ${maxTraits} traits, such as \`firstName\`. Null removes a trait.`,
    }),
  }),
  async parse({ customer, ...corrections }, ctx) {
    const traits = correctedTraits(corrections);
    return { customer: await requireCustomer(ctx, customer), traits };
  },
  call: ({ customer, traits }, ctx) =>
    editCustomers(
      [{ name: 'Customer Updated', kind: 'identify', customerIds: [customer], traits }],
      ctx,
    ),
});
