import { loadWorkspaceSettings } from '../../access/workspaces.ts';
import type { Database, Transaction } from '../../platform/database.ts';
import { AlreadyMerged, InvalidInput, NotFound } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';
import { lockWorkspace } from '../../platform/workspace-lock.ts';
import { findCustomers } from '../customers/find-names.ts';
import { applyEvents } from './apply-events.ts';
import { type EditContext, toSystemEvent } from './edit-customers.ts';

interface Pair {
  from: string;
  into: string;
}

/**
 * Merges two customers, or the customers that these were merged into. Like `alias` it merges two users, and a pair whose
 * merge was undone. Returns the id of the merge.
 *
 * @throws InvalidInput for the same id twice; NotFound for an unknown one; AlreadyMerged if both are one customer
 */
export const mergeByHand = (
  database: Database,
  workspaceId: string,
  pair: Pair,
  context: EditContext,
): Promise<{ mergeId: string }> =>
  database.inWorkspace(workspaceId, async (db) => {
    lockWorkspace(db);
    const { from, into } = await requirePair(db, pair);
    const event = toSystemEvent(
      {
        ...{ name: 'Customers Merged', kind: 'alias' },
        ...{ customerIds: [into, from], properties: { from, into } },
      },
      context,
    );
    await applyEvents(db, await loadWorkspaceSettings(db), [event], context.now);
    return { mergeId: await mergeOf(db, from, event.id) };
  });

/** The customers that survive so far. */
async function requirePair(db: Transaction, { from, into }: Pair): Promise<Pair> {
  if (from === into) throw new InvalidInput('`from` and `into` are the same customer.');
  const known = await findCustomers(db, [from, into]);
  const survivorOf = new Map(known.map(({ customerId, survivorId }) => [customerId, survivorId]));
  const survivors = { from: survivorOf.get(from), into: survivorOf.get(into) };
  if (survivors.from === undefined || survivors.into === undefined) throw new NotFound('customer');
  if (survivors.from === survivors.into) throw new AlreadyMerged();
  return { from: survivors.from, into: survivors.into };
}

async function mergeOf(db: Transaction, from: string, eventId: string): Promise<string> {
  const { rows } = await db.query<{ id: string }>(sql`
    select id from customer_merge
    where workspace_id = ${db.workspaceId} and from_customer_id = ${from} and event_id = ${eventId}`);
  const [merge] = rows;
  if (!merge) throw new Error('The merge was not stored');
  return merge.id;
}
