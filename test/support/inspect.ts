import pg from 'pg';
import type { TestServer, TestWorkspace } from './server.ts';

/** Queries the database directly as superuser, without policies. */
export async function ask<Row extends object>(
  server: TestServer,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

export interface StoredEvent {
  messageId: string;
  kind: string;
  name: string;
  occurredAt: Date;
  properties: Record<string, unknown>;
  context: Record<string, unknown> | null;
}

/** The events of the workspace in order of arrival. */
export const storedEvents = (server: TestServer, { id }: TestWorkspace) =>
  ask<StoredEvent>(
    server,
    `select message_id as "messageId", kind, name, occurred_at as "occurredAt", properties, context
     from event where workspace_id = $1 order by id`,
    [id],
  );

export interface StoredChange {
  position: number;
  kind: string;
  customer: string;
  at: Date;
  data: Record<string, unknown>;
}

/** The change log of the workspace. */
export const storedChanges = (server: TestServer, { id }: TestWorkspace) =>
  ask<StoredChange>(
    server,
    `select position::int, kind, customer_id as customer, at, data
     from change where workspace_id = $1 order by position`,
    [id],
  );

/** 1 to `count`: the expected positions of a log of that length. */
export const positionsTo = (count: number) =>
  Array.from({ length: count }, (_, index) => index + 1);
