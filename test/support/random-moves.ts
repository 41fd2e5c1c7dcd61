import type { SeededRandom } from './random.ts';
import type { TestWorkspace } from './server.ts';

/** An event of few known or anonymous customers, some of which it merges. */
export function randomCall(random: SeededRandom) {
  const names = [
    { userId: `u${random.between(1, 12)}` },
    { anonymousId: `a${random.between(1, 20)}` },
    { userId: `u${random.between(1, 12)}`, anonymousId: `a${random.between(1, 20)}` },
  ][random.between(0, 2)];
  const event = random.between(0, 1) ? 'Order Completed' : 'Tried';
  return { type: 'track', event, ...names };
}

const move = `mutation ($customer: ID!, $to: String!, $pin: Boolean) {
  moveCustomer(customer: $customer, to: $to, reason: "because", pin: $pin) { __typename } }`;

const people = `{ customers(first: 50) { nodes { id merges { id undoneAt } } } }`;

interface People {
  customers: {
    nodes: Array<{ id: string; merges: Array<{ id: string; undoneAt: string | null }> }>;
  };
}

/** Moves a customer manually, or undoes a merge. */
export async function interfere(workspace: TestWorkspace, random: SeededRandom) {
  const { customers } = await workspace.query<People>(people);
  const { nodes } = customers;
  const merge = nodes.flatMap(({ merges }) => merges).find(({ undoneAt }) => undoneAt === null);
  if (merge && random.between(0, 1)) {
    const undo = 'mutation ($id: ID!) { undoMerge(merge: $id) { __typename } }';
    await workspace.query(undo, { id: merge.id });
    return;
  }
  const customer = nodes[random.between(0, nodes.length - 1)]?.id;
  const to = ['REACH', 'RETENTION', 'LOYALTY'][random.between(0, 2)];
  const pin = random.between(0, 2) > 0;
  if (customer) await workspace.query(move, { customer, to, pin });
}
