import type { Transaction } from '../../../platform/database.ts';
import { type RowColumns, rawSql, sql, unnestRows } from '../../../platform/sql.ts';

/** Deletes the records with these keys from a table of this name. */
export function deleteProjection(db: Transaction, table: string, keys: readonly string[]): void {
  db.send(sql`
    delete from ${rawSql(table)}
    where workspace_id = ${db.workspaceId} and id = any(${[...keys]}::text[])`);
}

/** Stores records with a key as they are described now, in a table of this name; of several states of one the last. */
export function storeProjection<State extends { id: string }>(
  db: Transaction,
  table: string,
  states: readonly unknown[],
  columns: RowColumns<State>,
): void {
  const latest = new Map((states as State[]).map((state) => [state.id, state]));
  const names = Object.keys(columns);
  const assignments = names.map((name) => `${name} = excluded.${name}`).join(', ');
  const rows = unnestRows<State>('row', [...latest.values()], {
    id: ['text', ({ id }) => id],
    ...columns,
  });
  db.send(sql`
    insert into ${rawSql(`${table} (workspace_id, id, ${names.join(', ')})`)}
    select ${db.workspaceId}, * from ${rows}
    on conflict (workspace_id, id) do update set ${rawSql(assignments)}`);
}
