import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { BenchCall } from './mixes.ts';

const rowsPerStatement = 1_000;

/**
 * The baseline: the same events as rows with the same columns and the same two unique keys, a thousand per statement and
 * transaction, over one connection, without policies, foreign keys and derived data.
 */
export async function openPlainTable(databaseUrl: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create schema if not exists bench');
  await client.query(`create table if not exists bench.event (
    workspace_id uuid not null, id uuid not null, customer_id uuid not null,
    message_id text not null, kind text not null, name text not null, effect text,
    occurred_at timestamptz not null, received_at timestamptz not null, amount bigint,
    currency text, properties jsonb not null default '{}', context jsonb,
    primary key (workspace_id, id), unique (workspace_id, message_id))`);
  return {
    /** Inserts all calls under a new workspace id; returns events per second. */
    async insert(calls: readonly BenchCall[]): Promise<number> {
      const workspaceId = uuidv7();
      // Prepared before the measurement, as the bodies of requests are.
      const statements = chunks(calls.map(toRow), rowsPerStatement).map((rows) => toColumns(rows));
      const began = performance.now();
      for (const columns of statements) {
        await client.query({ name: 'insert', text: insertRows, values: [workspaceId, ...columns] });
      }
      return (calls.length / (performance.now() - began)) * 1_000;
    },
    end: () => client.end(),
  };
}

export function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

type Row = Array<string | null>;

const customerIds = new Map<string, string>();

function customerIdOf({ userId, anonymousId }: BenchCall): string {
  const name = userId ?? anonymousId ?? '';
  const id = customerIds.get(name) ?? uuidv7();
  customerIds.set(name, id);
  return id;
}

function toRow(call: BenchCall): Row {
  const isOrder = call.event === 'Order Completed';
  const total = Number(call.properties?.['total'] ?? 0);
  return [
    uuidv7(),
    customerIdOf(call),
    call.messageId,
    call.type,
    call.event ?? call.name ?? call.type,
    isOrder ? 'order' : call.type === 'page' ? 'view' : null,
    call.timestamp,
    new Date().toISOString(),
    isOrder ? String(Math.round(total * 100)) : null,
    isOrder ? 'USD' : null,
    JSON.stringify(call.properties ?? call.traits ?? {}),
    call.context ? JSON.stringify(call.context) : null,
  ];
}

const toColumns = (rows: readonly Row[]) =>
  Array.from({ length: 12 }, (_, column) => rows.map((row) => row[column] ?? null));

const insertRows = `
  insert into bench.event (workspace_id, id, customer_id, message_id, kind, name, effect, occurred_at,
    received_at, amount, currency, properties, context)
  select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::text[], $12::jsonb[], $13::jsonb[])`;
