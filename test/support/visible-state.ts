import type { Transaction } from '../../src/platform/database.ts';
import { sql } from '../../src/platform/sql.ts';
import type { TestServer, TestWorkspace } from './server.ts';

const stateQuery = `{
  customers(first: 50, orderBy: { field: CREATED, direction: ASC }) {
    nodes {
      id userId email name traits identities { kind value }
      firstSeenAt lastSeenAt eventCount activeDays sessionCount leadAt signedUpAt
      orderCount firstOrderAt lastOrderAt grossRevenue { amount } refunded { amount }
      subscription { startedAt renewals renewedAt cancelledAt }
      foreignRevenue { currency gross { amount } refunded { amount } }
      stages { stage { key } since }
    }
  }
}`;

interface Amount {
  amount: string;
}

interface CustomerNode {
  id: string;
  identities: Array<{ kind: string; value: string }>;
  grossRevenue: Amount;
  refunded: Amount;
  subscription: object | null;
  foreignRevenue: Array<{ currency: string; gross: Amount; refunded: Amount }>;
  stages: Array<{ stage: { key: string }; since: string }>;
}

interface StoredChange {
  position: string;
  kind: string;
  customer: string;
  at: Date;
  data: Record<string, unknown>;
  event: string | null;
}

/** Everything visible of a workspace, with customers numbered in order of creation. */
export async function readVisibleState(server: TestServer, workspace: TestWorkspace) {
  const { customers } = await workspace.query<{ customers: { nodes: CustomerNode[] } }>(stateQuery);
  const { log, merges } = await server.database.inWorkspace(workspace.id, (db) => readLog(db));
  const appeared = log.filter(({ kind }) => kind === 'CUSTOMER_CREATED');
  const numbers = new Map(appeared.map(({ customer }, number) => [customer, number]));
  const numberOf = (id: unknown) => numbers.get(String(id)) ?? `unknown ${id}`;
  return {
    positions: log.map(({ position }) => Number(position)),
    changes: log.map((change) => toChange(change, numberOf)),
    merges: merges.map(({ from, into, at, ...rest }) => ({
      merged: [numberOf(from), numberOf(into)],
      at: at.toISOString(),
      ...rest,
    })),
    customers: customers.nodes
      .map((node) => toCustomer(node, numberOf))
      .sort((a, b) => Number(a.customer) - Number(b.customer)),
  };
}

async function readLog(db: Transaction) {
  const { rows: log } = await db.query<StoredChange>(sql`
    select c.position, c.kind, c.customer_id as customer, c.at, c.data, e.message_id as event
    from change c
    left join event e on e.workspace_id = ${db.workspaceId} and e.id = (c.data ->> 'event')::uuid
    where c.workspace_id = ${db.workspaceId} order by c.position`);
  const { rows: merges } = await db.query<{
    from: string;
    into: string;
    at: Date;
    event: string | null;
    undone: boolean;
  }>(sql`
    select m.from_customer_id as "from", m.into_customer_id as "into", m.at, e.message_id as event,
      m.undone_at is not null as undone
    from customer_merge m
    left join event e on e.workspace_id = ${db.workspaceId} and e.id = m.event_id
    where m.workspace_id = ${db.workspaceId} order by m.id`);
  return { log, merges };
}

function toChange(
  { kind, customer, at, data, event }: StoredChange,
  numberOf: (id: unknown) => unknown,
) {
  const base = { kind, customer: numberOf(customer), at: at.toISOString() };
  if (kind === 'CUSTOMER_CREATED') return base;
  const { from, into, to, late, cause } = data;
  if (kind === 'STAGE_CHANGED') return { ...base, from, to, late, cause, event };
  return { ...base, merged: [numberOf(from), numberOf(into)] };
}

const noSubscription = { startedAt: null, renewals: 0, renewedAt: null, cancelledAt: null };

function toCustomer(node: CustomerNode, numberOf: (id: unknown) => unknown) {
  const { id, identities, stages, grossRevenue, refunded, subscription, foreignRevenue, ...rest } =
    node;
  const [current] = stages;
  return {
    customer: numberOf(Buffer.from(id, 'base64url').toString().split(':')[1]),
    identities: identities.map(({ kind, value }) => `${kind}:${value}`).sort(),
    stage: current && { key: current.stage.key, since: current.since },
    grossRevenue: grossRevenue.amount,
    refunded: refunded.amount,
    ...(subscription ?? noSubscription),
    foreignRevenue: foreignRevenue.map(({ currency, ...sums }) => ({
      currency,
      gross: sums.gross.amount,
      refunded: sums.refunded.amount,
    })),
    ...rest,
  };
}
