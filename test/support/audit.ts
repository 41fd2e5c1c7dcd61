import pg from 'pg';
import { expect } from 'vitest';
import type { Ledger } from './ledger.ts';
import { expectedCustomers } from './shop-orders.ts';

interface CustomerRow {
  userId: string;
  events: number;
  orders: number;
  revenue: number;
  stage: string;
}

interface Move {
  userId: string;
  from: string | null;
  to: string;
}

/** Compares the database row by row with the ledger of the senders. */
export async function audit(databaseUrl: string, { acknowledged, accepted, odd }: Ledger) {
  expect(odd).toEqual([]);
  const expected = expectedCustomers(acknowledged);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await auditEvents(client, new Set(acknowledged.map(({ messageId }) => messageId)), accepted);
    const rows = await readCustomers(client);
    expect(rows.length).toBe(expected.size);
    for (const { userId, stage, ...facts } of rows) {
      const { stages, ...sums } = expected.get(userId) ?? { stages: [] };
      expect({ userId, stage, ...facts }).toEqual({ userId, stage: stages.at(-1), ...sums });
    }
    const moves = await readMoves(client);
    for (const [userId, { stages }] of expected) {
      expect({ userId, moves: moves.get(userId) }).toEqual({
        userId,
        moves: chain(userId, stages),
      });
    }
    await auditPositions(client);
  } finally {
    await client.end();
  }
}

/** Every message is stored once, nothing else is stored, and "accepted" was reported at most once. */
async function auditEvents(client: pg.Client, sent: Set<string>, accepted: Map<string, number>) {
  const { rows } = await client.query<{ id: string }>('select message_id as id from event');
  const stored = new Set(rows.map(({ id }) => id));
  expect([...sent].filter((id) => !stored.has(id))).toEqual([]);
  expect([...stored].filter((id) => !sent.has(id))).toEqual([]);
  expect(rows.length).toBe(stored.size);
  expect([...accepted].filter(([, times]) => times > 1)).toEqual([]);
}

async function readCustomers(client: pg.Client) {
  const { rows } = await client.query<CustomerRow>(
    `select user_id as "userId", events, orders, gross_revenue::float8 as revenue, stage_key as stage
     from customer join customer_stage on customer_id = id`,
  );
  return rows;
}

async function readMoves(client: pg.Client) {
  const { rows } = await client.query<Move>(
    `select user_id as "userId", from_stage as "from", to_stage as "to"
     from transition join customer on customer.id = customer_id order by position`,
  );
  return Map.groupBy(rows, ({ userId }) => userId);
}

const chain = (userId: string, stages: string[]): Move[] =>
  stages.map((to, index) => ({ userId, from: stages[index - 1] ?? null, to }));

async function auditPositions(client: pg.Client) {
  const { rows } = await client.query<
    Record<'workspace' | 'first' | 'last' | 'rows' | 'head', number>
  >(
    `select min(change.position)::int as first, max(change.position)::int as last, count(*)::int as rows,
       change_counter.position::int as head
     from change join change_counter using (workspace_id) group by workspace_id, head`,
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { first, last, rows: count, head } of rows) {
    expect([first, last, count]).toEqual([1, head, head]);
  }
}

/** The positions of all stage changes, in order. */
export async function stageChangePositions(databaseUrl: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ position: string }>(
    "select position from change where kind = 'STAGE_CHANGED' order by position",
  );
  await client.end();
  return rows.map(({ position }) => Number(position));
}
