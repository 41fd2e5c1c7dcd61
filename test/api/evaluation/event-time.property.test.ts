import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recomputeFacts } from '../../../src/engine/customers/recompute-facts.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { sql } from '../../../src/platform/sql.ts';
import { outcomeOf } from '../../support/outcome.ts';
import {
  type Delivery,
  deliveries,
  histories,
  separateHistories,
} from '../../support/random-history.ts';
import type { ReferenceCall } from '../../support/reference-facts.ts';
import { createReference } from '../../support/reference-model.ts';
import { startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 150);
const patience = 60_000 + runs * 2_000;
// Shrinking ends before the test does, so that the seed is always said.
const bounds = { interruptAfterTimeLimit: patience * 0.8, markInterruptAsFailure: true };
const now = new Date('2025-01-01T00:00:00Z');
const currency = 'USD';
const timeZones = fc.constantFrom('UTC', 'America/New_York', 'Pacific/Auckland', 'America/Havana');

const doors: Record<
  Delivery['door'],
  (workspace: TestWorkspace, calls: ReferenceCall[]) => Promise<unknown>
> = {
  http: (workspace, calls) => workspace.send(calls),
  graphql: (workspace, calls) =>
    workspace.query('mutation ($events: [EventInput!]!) { track(events: $events) { accepted } }', {
      events: calls.map((call) => ({ ...call, type: call.type.toUpperCase() })),
    }),
  direct: (workspace, calls) => server.ingest.ingest(workspace.id, calls, { now }),
};

/** Sends a history as the delivery says, the rest of it in batches of ten; tells the same to `reference`. */
async function deliver(
  workspace: TestWorkspace,
  history: ReferenceCall[],
  delivery: Delivery[],
  reference: ReturnType<typeof createReference>,
) {
  server.clock.now = now;
  // What is asked for once is at hand from now on: hurried batches then arrive in order.
  await server.ingest.ingest(workspace.id, [], { now });
  const rest: Delivery = { size: 10, door: 'http', hurried: false, undo: false };
  const underWay: Array<Promise<unknown>> = [];
  for (let start = 0, turn = 0; start < history.length; turn += 1) {
    const { size, door, hurried, undo } = delivery[turn] ?? rest;
    const calls = history.slice(start, start + size);
    start += size;
    if (undo || door !== 'direct') await Promise.all(underWay.splice(0));
    if (undo) {
      await undoLast(workspace);
      reference.undoLast(now.getTime());
    }
    for (const call of calls) reference.take(call);
    underWay.push(doors[door](workspace, calls));
    if (!hurried || door !== 'direct') await Promise.all(underWay.splice(0));
  }
  await Promise.all(underWay);
}

/** Takes back the newest merge that is in force; answers whether there was one. */
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
  outcome: Awaited<ReturnType<typeof outcomeOf>>,
  reference: ReturnType<typeof createReference>,
) {
  expect(outcome.changes).toEqual(reference.changes);
  expect(outcome.customers).toEqual(reference.customers());
  expect(outcome.merges).toEqual(reference.merges());
  expect(outcome.positions).toEqual(outcome.changes.map((_, index) => index + 1));
}

it(
  'comes to the same whatever is late, repeated or batched',
  async () => {
    const property = fc.asyncProperty(
      histories,
      deliveries({ undoing: false }),
      timeZones,
      async (history, delivery, timeZone) => {
        const workspace = await newWorkspace(server, { timeZone, currency });
        const reference = createReference({ timeZone, currency });

        await deliver(workspace, history, delivery, reference);

        expectSame(await outcomeOf(server, workspace), reference);
      },
    );
    await fc.assert(property, { ...bounds, numRuns: runs });
  },
  patience,
);

it(
  'comes to the same with merges taken back in between',
  async () => {
    const property = fc.asyncProperty(
      histories,
      deliveries({ undoing: true }),
      timeZones,
      async (history, delivery, timeZone) => {
        const workspace = await newWorkspace(server, { timeZone, currency });
        const reference = createReference({ timeZone, currency });

        await deliver(workspace, history, delivery, reference);

        expectSame(await outcomeOf(server, workspace), reference);
      },
    );
    await fc.assert(property, { ...bounds, numRuns: Math.ceil(runs / 2) });
  },
  patience,
);

it(
  'leaves nothing of a merge once all are taken back',
  async () => {
    const property = fc.asyncProperty(
      histories,
      deliveries({ undoing: false }),
      async (history, delivery) => {
        const workspace = await newWorkspace(server, { currency });
        const reference = createReference({ timeZone: 'UTC', currency });
        await deliver(workspace, history, delivery, reference);

        while (await undoLast(workspace)) reference.undoLast(now.getTime());

        const outcome = await outcomeOf(server, workspace);
        expectSame(outcome, reference);
        expect(outcome.customers.length).toBe(
          outcome.changes.filter(({ kind }) => kind === 'CUSTOMER_CREATED').length,
        );
      },
    );
    await fc.assert(property, { ...bounds, numRuns: Math.ceil(runs / 3) });
  },
  patience,
);

it(
  'keeps facts that equal those counted anew from all events',
  async () => {
    const property = fc.asyncProperty(
      histories,
      deliveries({ undoing: true }),
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
  patience,
);

const rowsOf = (workspace: TestWorkspace) =>
  server.database.inWorkspace(workspace.id, async (db) => {
    const customers = await db.query<{ event_names: string[] | null }>(sql`
      select * from customer where merged_into is null order by id`);
    const revenue = await db.query(sql`
      select r.* from customer_foreign_revenue r join customer c on c.id = r.customer_id
      where c.merged_into is null order by r.customer_id, r.currency`);
    // A set: the order in which names were learnt says nothing.
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
  'counts every event once when two servers take them in at the same time',
  async () => {
    const url = await prepareDatabase(server.databaseUrl);
    const second = await startSecondServer(server, { url });
    const property = fc.asyncProperty(separateHistories, async (history) => {
      const workspace = await newWorkspace(server, { currency });
      const reference = createReference({ timeZone: 'UTC', currency });
      for (const call of history) reference.take(call);

      // Each server gets all of it, in an order of its own.
      await Promise.all([
        ...chunks(history).map((calls) => server.ingest.ingest(workspace.id, calls, { now })),
        ...chunks(history.toReversed()).map((calls) =>
          second.ingest.ingest(workspace.id, calls, { now }),
        ),
      ]);

      const outcome = await outcomeOf(server, workspace);
      expect(byUser(outcome.customers)).toEqual(byUser(reference.customers()));
      expect(outcome.positions).toEqual(outcome.changes.map((_, index) => index + 1));
    });
    try {
      await fc.assert(property, { ...bounds, numRuns: Math.ceil(runs / 5) });
    } finally {
      await second.end();
    }
  },
  patience,
);

function chunks(history: ReferenceCall[]): ReferenceCall[][] {
  const size = 7;
  return Array.from({ length: Math.ceil(history.length / size) }, (_, index) =>
    history.slice(index * size, (index + 1) * size),
  );
}

/** What of a customer does not depend on the order of arrival: all but its number and `since`. */
const byUser = (
  customers: Array<{ customer: unknown; userId?: unknown; stage?: { key: string } | undefined }>,
) =>
  customers
    .map(({ customer: _, stage, ...facts }) => ({ ...facts, stage: stage?.key }))
    .sort((a, b) => String(a.userId).localeCompare(String(b.userId)));

it('counts a day once whose midnight comes twice', async () => {
  const workspace = await newWorkspace(server, { timeZone: 'America/Havana' });
  const view = (timestamp: string) => ({ type: 'page', userId: 'u1', timestamp });

  await workspace.send([view('2024-11-03T04:30:00Z')]);
  await workspace.send([view('2024-11-03T05:30:00Z'), view('2024-11-03T20:00:00Z')]);

  const [customer] = (await outcomeOf(server, workspace)).customers;
  expect(customer).toMatchObject({ activeDays: 1, eventCount: 3 });
});

it('refuses a workspace whose days begin by a bare offset, which is not read alike everywhere', async () => {
  await expect(newWorkspace(server, { timeZone: '+01:00' })).rejects.toThrow('not a time zone');
});

it('keeps apart what was taken apart, when a name of it is new in the same batch too', async () => {
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

  const { customers, merges } = await outcomeOf(server, workspace);
  expect(merges).toMatchObject([{ merged: [0, 1], undone: true }]);
  expect(customers).toMatchObject([{ userId: null }, { userId: 'u1' }]);
});
