import type { TestWorkspace } from './server.ts';

/** All facts of a customer. */
const facts = `
  eventCount activeDays sessionCount firstSeenAt lastSeenAt leadAt signedUpAt
  orderCount firstOrderAt lastOrderAt
  grossRevenue { amount } refunded { amount } netRevenue { amount formatted }
  foreignRevenue { currency gross { amount } refunded { amount } net { amount formatted } }
  subscription { active startedAt renewals renewedAt cancelledAt }
  stage { stage { key } }`;

export interface CustomerFacts {
  eventCount: number;
  activeDays: number;
  sessionCount: number;
  firstSeenAt: string;
  lastSeenAt: string;
  leadAt: string | null;
  signedUpAt: string | null;
  orderCount: number;
  firstOrderAt: string | null;
  lastOrderAt: string | null;
  grossRevenue: { amount: string };
  refunded: { amount: string };
  netRevenue: { amount: string; formatted: string };
  foreignRevenue: object[];
  subscription: object | null;
  stage: { stage: { key: string } };
}

export async function factsOf(
  workspace: TestWorkspace,
  by: { userId: string } | { anonymousId: string } | { email: string },
): Promise<CustomerFacts> {
  const { customer } = await workspace.query<{ customer: CustomerFacts | null }>(
    `query ($by: CustomerBy!) { customer(by: $by) { ${facts} } }`,
    { by },
  );
  if (!customer) throw new Error(`Nobody is known as ${JSON.stringify(by)}`);
  return customer;
}

/** Cuts a list into pieces of random length, at most `maxLength`. */
export function splitRandomly<Item>(
  items: Item[],
  maxLength: number,
  random: { between(min: number, max: number): number },
) {
  const pieces: Item[][] = [];
  for (let rest = items; rest.length > 0; ) {
    const length = random.between(1, maxLength);
    pieces.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return pieces;
}

export const shuffled = <Item>(items: Item[], random: { next(): number }) =>
  items
    .map((item) => ({ item, key: random.next() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
