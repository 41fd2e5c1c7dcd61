import { expect, it } from 'vitest';
import { factsOf, shuffled, splitRandomly } from '../../support/customer-facts.ts';
import { createRandom, type SeededRandom } from '../../support/random.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const start = Date.UTC(2025, 5, 1);
const traitNames = ['plan', 'city', 'name', 'email'];
const visitor = { anonymousId: 'a1' };
const user = { userId: 'u1' };

interface Call {
  who: object;
  call: object;
}

function randomCall(random: SeededRandom, n: number): Call {
  const minutes = random.between(0, 4 * 24 * 60);
  const when = { timestamp: new Date(start + minutes * 60_000).toISOString(), messageId: `m${n}` };
  const who = random.between(0, 1) ? user : visitor;
  const kind = random.between(0, 9);
  if (kind < 4) return { who, call: { type: 'page', ...when } };
  if (kind < 6) {
    const trait = traitNames[random.between(0, traitNames.length - 1)] ?? '';
    // A reported e-mail address remains the customer's even when the trait is removed.
    const value = trait !== 'email' && random.between(0, 4) === 0 ? null : `${trait}-${n}`;
    return { who, call: { type: 'identify', traits: { [trait]: value }, ...when } };
  }
  const events = ['Order Completed', 'Order Refunded', 'Signed Up', 'Subscription Renewed'];
  const properties = { total: n, currency: ['USD', 'GBP'][random.between(0, 1)] };
  return { who, call: { type: 'track', event: events[kind - 6], properties, ...when } };
}

const by = (calls: Call[], names: (who: object) => object) =>
  calls.map(({ who, call }) => ({ ...call, ...names(who) }));

/** Traits and name besides the sums: both customers report the same. */
async function portraitOf(
  workspace: Awaited<ReturnType<typeof newWorkspace>>,
  name: typeof user | typeof visitor,
) {
  const { customer } = await workspace.query<{ customer: object }>(
    'query ($by: CustomerBy!) { customer(by: $by) { name email traits } }',
    { by: name },
  );
  return { ...(await factsOf(workspace, name)), ...customer };
}

const settings = { timeZone: 'Europe/Berlin', currency: 'USD' };
const joining = { type: 'page', ...user, ...visitor, messageId: 'join' };

async function sendAll(calls: object[], random: SeededRandom) {
  const workspace = await newWorkspace(server, settings);
  for (const batch of splitRandomly(calls, 25, random)) await workspace.send(batch);
  return workspace;
}

it.each([11, 12, 13])(
  'computes facts after a merge as if it had always been one customer (%i)',
  async (seed) => {
    const random = createRandom(seed);
    const calls = Array.from({ length: 100 }, (_, n) => randomCall(random, n));
    const now = new Date(start).toISOString();
    const [before, after] = [calls.slice(0, 60), calls.slice(60)];

    const merged = await sendAll(
      [...by(before, (who) => who), { ...joining, timestamp: now }, ...by(after, (who) => who)],
      random,
    );
    const one = await sendAll(
      [...by(calls, () => user), { ...joining, anonymousId: undefined, timestamp: now }],
      random,
    );

    expect(await portraitOf(merged, visitor)).toEqual(await portraitOf(one, user));
  },
);

it.each([21, 22, 23])(
  'computes facts after an undone merge as if it had never happened (%i)',
  async (seed) => {
    const random = createRandom(seed);
    const calls = Array.from({ length: 100 }, (_, n) => randomCall(random, n));
    const now = new Date(start).toISOString();
    const [before, between, after] = [calls.slice(0, 40), calls.slice(40, 70), calls.slice(70)];

    const met = await sendAll(
      [
        ...by(before, (who) => who),
        { ...joining, timestamp: now },
        ...by(shuffled(between, random), (who) => who),
      ],
      random,
    );
    const { customer } = await met.query<{ customer: { merges: Array<{ id: string }> } }>(
      '{ customer(by: { userId: "u1" }) { merges { id } } }',
    );
    await met.query('mutation ($merge: ID!) { undoMerge(merge: $merge) { __typename } }', {
      merge: customer.merges[0]?.id,
    });
    await met.send(by(after, (who) => who));
    const never = await sendAll(
      [...by(calls, (who) => who), { ...joining, anonymousId: undefined, timestamp: now }],
      random,
    );

    expect(await portraitOf(met, user)).toEqual(await portraitOf(never, user));
    expect(await portraitOf(met, visitor)).toEqual(await portraitOf(never, visitor));
  },
);
