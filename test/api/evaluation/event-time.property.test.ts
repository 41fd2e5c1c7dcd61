import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recomputeFacts } from '../../../src/engine/customers/recompute-facts.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { sql } from '../../../src/platform/sql.ts';
import {
  type Delivery,
  deliveries,
  histories,
  separateHistories,
} from '../../support/random-history.ts';
import type { ReferenceCall } from '../../support/reference-facts.ts';
import { asReceived, createReference } from '../../support/reference-model.ts';
import { startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import { readVisibleState } from '../../support/visible-state.ts';

const server = useServer();

const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 150);
const timeoutMs = 60_000 + runs * 2_000;
// Shrinking ends before the test times out, so that the seed is always reported.
const bounds = { interruptAfterTimeLimit: timeoutMs * 0.8, markInterruptAsFailure: true };
const now = new Date('2025-01-01T00:00:00Z');
/** When all events arrive: after them, or while some of them are still ahead. */
const receipts = fc.constantFrom(now, now, new Date('2024-11-05T04:30:00Z'));
const currency = 'USD';
const timeZones = fc.constantFrom('UTC', 'America/New_York', 'Pacific/Auckland', 'America/Havana');

const transports: Record<
  Delivery['transport'],
  (workspace: TestWorkspace, calls: ReferenceCall[], receivedAt: Date) => Promise<unknown>
> = {
  http: (workspace, calls) => workspace.send(calls),
  graphql: (workspace, calls) =>
    workspace.query('mutation ($events: [EventInput!]!) { track(events: $events) { accepted } }', {
      events: calls.map((call) => ({ ...call, type: call.type.toUpperCase() })),
    }),
  direct: (workspace, calls, receivedAt) =>
    server.ingest.ingest(workspace.id, calls, { now: receivedAt }),
};

/** Sends a history in the given batches, the rest in batches of ten, and applies the same calls to `reference`. */
async function deliver(
  workspace: TestWorkspace,
  history: ReferenceCall[],
  delivery: Delivery[],
  reference: ReturnType<typeof createReference>,
  receivedAt = now,
) {
  server.clock.now = receivedAt;
  // Caches are filled, so that concurrent batches arrive in order.
  await server.ingest.ingest(workspace.id, [], { now: receivedAt });
  const rest: Delivery = { size: 10, transport: 'http', isConcurrent: false, undo: false };
  const underWay: Array<Promise<unknown>> = [];
  for (let start = 0, turn = 0; start < history.length; turn += 1) {
    const { size, transport, isConcurrent: hurried, undo } = delivery[turn] ?? rest;
    const calls = history.slice(start, start + size);
    start += size;
    if (undo || transport !== 'direct') await Promise.all(underWay.splice(0));
    if (undo) {
      await undoLast(workspace);
      reference.undoLatestMerge(receivedAt.getTime());
    }
    for (const call of calls) reference.receive(asReceived(call, receivedAt));
    underWay.push(transports[transport](workspace, calls, receivedAt));
    if (!hurried || transport !== 'direct') await Promise.all(underWay.splice(0));
  }
  await Promise.all(underWay);
}

/** Undoes the latest merge that is not undone; returns whether there was one. */
async function undoLast(workspace: TestWorkspace): Promise<boolean> {
  const { rows } = await server.database.inWorkspace(workspace.id, (db) =>
    db.query<{ id: string }>(sql`
      select id from customer_merge where workspace_id = ${workspace.id} and undone_at is null
      order by id desc limit 1`),
  );
  const [merge] = rows;
  if (!merge) return false;
  await workspace.query(
    'mutation ($merge: ID!) { undoMerge(merge: $merge) { ... on UndoMergePayload { customer { id } } } }',
    { merge: merge.id },
  );
  return true;
}

function expectSame(
  outcome: Awaited<ReturnType<typeof readVisibleState>>,
  reference: ReturnType<typeof createReference>,
) {
  expect(outcome.changes).toEqual(reference.changes);
  expect(outcome.customers).toEqual(reference.customers());
  expect(outcome.merges).toEqual(reference.merges());
  expect(outcome.positions).toEqual(outcome.changes.map((_, index) => index + 1));
}

it(
  'reaches the same state for late, repeated and differently batched events',
  async () => {
    const property = fc.asyncProperty(
      histories,
      deliveries({ withUndo: false }),
      timeZones,
      receipts,
      async (history, delivery, timeZone, receivedAt) => {
        const workspace = await newWorkspace(server, { timeZone, currency });
        const reference = createReference({ timeZone, currency });

        await deliver(workspace, history, delivery, reference, receivedAt);

        expectSame(await readVisibleState(server, workspace), reference);
      },
    );
    await fc.assert(property, { ...bounds, numRuns: runs });
  },
  timeoutMs,
);

it(
  'reaches the same state with merges undone in between',
  async () => {
    const property = fc.asyncProperty(
      histories,
      deliveries({ withUndo: true }),
      timeZones,
      receipts,
      async (history, delivery, timeZone, receivedAt) => {
        const workspace = await newWorkspace(server, { timeZone, currency });
        const reference = createReference({ timeZone, currency });

        await deliver(workspace, history, delivery, reference, receivedAt);

        expectSame(await readVisibleState(server, workspace), reference);
      },
    );
    await fc.assert(property, { ...bounds, numRuns: Math.ceil(runs / 2) });
  },
  timeoutMs,
);

it(
  'restores the original state when all merges are undone',
  async () => {
    const property = fc.asyncProperty(
      histories,
      deliveries({ withUndo: false }),
      async (history, delivery) => {
        const workspace = await newWorkspace(server, { currency });
        const reference = createReference({ timeZone: 'UTC', currency });
        await deliver(workspace, history, delivery, reference);

        while (await undoLast(workspace)) reference.undoLatestMerge(now.getTime());

        const outcome = await readVisibleState(server, workspace);
        expectSame(outcome, reference);
        expect(outcome.customers.length).toBe(
          outcome.changes.filter(({ kind }) => kind === 'CUSTOMER_CREATED').length,
        );
      },
    );
    await fc.assert(property, { ...bounds, numRuns: Math.ceil(runs / 3) });
  },
  timeoutMs,
);

it(
  'stores facts that equal those computed from all events',
  async () => {
    const property = fc.asyncProperty(
      histories,
      deliveries({ withUndo: true }),
      timeZones,
      async (history, delivery, timeZone) => {
        const workspace = await newWorkspace(server, { timeZone, currency });
        const reference = createReference({ timeZone, currency });
        await deliver(workspace, history, delivery, reference);
        const kept = await rowsOf(workspace);

        await recomputeAll(workspace);

        expect(await rowsOf(workspace)).toEqual(kept);
      },
    );
    await fc.assert(property, { ...bounds, numRuns: Math.ceil(runs / 2) });
  },
  timeoutMs,
);

const rowsOf = (workspace: TestWorkspace) =>
  server.database.inWorkspace(workspace.id, async (db) => {
    const customers = await db.query<{ event_names: string[] | null }>(sql`
      select * from customer where merged_into is null order by id`);
    const revenue = await db.query(sql`
      select r.* from customer_foreign_revenue r join customer c on c.id = r.customer_id
      where c.merged_into is null order by r.customer_id, r.currency`);
    // A set: the order in which identities were assigned is not significant.
    const sorted = customers.rows.map(({ event_names: names, ...row }) => ({
      ...row,
      names: names?.toSorted(),
    }));
    return { customers: sorted, revenue: revenue.rows };
  });

const recomputeAll = ({ id, timeZone }: TestWorkspace) =>
  server.database.inWorkspace(id, async (db) => {
    const { rows } = await db.query<{ id: string }>(sql`
      select id from customer where merged_into is null`);
    const ids = rows.map((row) => row.id);
    await recomputeFacts(db, ids, timeZone);
  });

it(
  'counts every event once when two servers ingest them concurrently',
  async () => {
    const url = await prepareDatabase(server.databaseUrl);
    const second = await startSecondServer(server, { url });
    const property = fc.asyncProperty(separateHistories, async (history) => {
      const workspace = await newWorkspace(server, { currency });
      const reference = createReference({ timeZone: 'UTC', currency });
      for (const call of history) reference.receive(call);

      // Each server receives all events in its own order.
      await Promise.all([
        ...chunks(history).map((calls) => server.ingest.ingest(workspace.id, calls, { now })),
        ...chunks(history.toReversed()).map((calls) =>
          second.ingest.ingest(workspace.id, calls, { now }),
        ),
      ]);

      const outcome = await readVisibleState(server, workspace);
      expect(byUser(outcome.customers)).toEqual(byUser(reference.customers()));
      expect(outcome.positions).toEqual(outcome.changes.map((_, index) => index + 1));
    });
    try {
      await fc.assert(property, { ...bounds, numRuns: Math.ceil(runs / 5) });
    } finally {
      await second.end();
    }
  },
  timeoutMs,
);

function chunks(history: ReferenceCall[]): ReferenceCall[][] {
  const size = 7;
  return Array.from({ length: Math.ceil(history.length / size) }, (_, index) =>
    history.slice(index * size, (index + 1) * size),
  );
}

/** Everything of a customer that does not depend on the order of arrival: all except its number and `since`. */
const byUser = (
  customers: Array<{ customer: unknown; userId?: unknown; stage?: { key: string } | undefined }>,
) =>
  customers
    .map(({ customer: _, stage, ...facts }) => ({ ...facts, stage: stage?.key }))
    .sort((a, b) => String(a.userId).localeCompare(String(b.userId)));

it('counts a day with two midnights once', async () => {
  const workspace = await newWorkspace(server, { timeZone: 'America/Havana' });
  const view = (timestamp: string) => ({ type: 'page', userId: 'u1', timestamp });

  await workspace.send([view('2024-11-03T04:30:00Z')]);
  await workspace.send([view('2024-11-03T05:30:00Z'), view('2024-11-03T20:00:00Z')]);

  const [customer] = (await readVisibleState(server, workspace)).customers;
  expect(customer).toMatchObject({ activeDays: 1, eventCount: 3 });
});

it('refuses a workspace whose time zone is an offset', async () => {
  await expect(newWorkspace(server, { timeZone: '+01:00' })).rejects.toThrow('not a time zone');
});

it('keeps separated customers separate when one has a new identity in the same batch', async () => {
  const workspace = await newWorkspace(server);
  const partner = { context: { externalIds: [{ id: 'p1', type: 'crm' }] } };
  await workspace.send([
    { type: 'page', anonymousId: 'a1' },
    { type: 'page', userId: 'u1' },
    { type: 'page', userId: 'u1', anonymousId: 'a1' },
  ]);
  await undoLast(workspace);

  await workspace.send([
    { type: 'page', userId: 'u1', ...partner },
    { type: 'page', anonymousId: 'a1', ...partner },
  ]);

  const { customers, merges } = await readVisibleState(server, workspace);
  expect(merges).toMatchObject([{ merged: [0, 1], undone: true }]);
  expect(customers).toMatchObject([{ userId: null }, { userId: 'u1' }]);
});
