import { afterEach, expect, it, onTestFinished } from 'vitest';
import { evaluateDue } from '../../../src/engine/evaluation/evaluate-due.ts';
import { ask } from '../../support/inspect.ts';
import { createBuiltSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import { waitUntilNothingIsDue } from '../../support/wait-until-nothing-is-due.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const now = Date.UTC(2026, 5, 1);
const hour = 3_600_000;
const day = 24 * hour;

const orderAt = (userId: string, at: number) => ({
  type: 'track',
  userId,
  event: 'Order Completed',
  timestamp: new Date(at).toISOString(),
});

/** Customers due one second after another, from an instant on; sent in another order. */
async function createDueCustomers(first: number, count = 1): Promise<TestWorkspace> {
  const workspace = await newWorkspace(server);
  await createBuiltSegment(workspace, 'Recent', {
    did: { event: ['Order Completed'], window: { within: 'P1D' } },
  });
  const calls = Array.from({ length: count }, (_, index) => {
    const place = (index * 7) % count;
    return orderAt(`u${place}`, first - day + place * 1_000);
  });
  await workspace.send(calls);
  return workspace;
}

const noted = async ({ id }: TestWorkspace) => {
  const rows = await ask<{ due: Date | null }>(
    server,
    'select due_at as due from workspace_directory where id = $1',
    [id],
  );
  return rows[0]?.due ?? null;
};

it('evaluates the due customers of a workspace while another workspace fails', async () => {
  server.clock.now = new Date(now);
  const workspaces = [];
  for (let index = 0; index < 4; index += 1) workspaces.push(await createDueCustomers(now + hour));
  const [broken, healthy, alsoBroken, alsoHealthy] = workspaces as [
    TestWorkspace,
    TestWorkspace,
    TestWorkspace,
    TestWorkspace,
  ];
  for (const { id } of [broken, alsoBroken]) {
    await ask(server, `update segment set filter = '{"unknown": {}}' where workspace_id = $1`, [
      id,
    ]);
    await ask(server, 'update workspace set rules_version = 1 where id = $1', [id]);
  }
  // So that the scheduler does not retry them in other tests.
  onTestFinished(async () => {
    await ask(server, 'update workspace_directory set due_at = null where id = any($1)', [
      [broken.id, alsoBroken.id],
    ]);
  });
  // The failing workspaces are the first and the last in the directory.
  for (const { id } of [broken, healthy, alsoHealthy, alsoBroken])
    await ask(server, 'update workspace_directory set due_at = due_at where id = $1', [id]);

  server.clock.now = new Date(now + 2 * hour);

  for (const workspace of [healthy, alsoHealthy])
    await waitUntilNothingIsDue(server, workspace, now + 2 * hour);
});

it.each([
  ['no customer is due any more', [now + hour], null],
  ['a customer is due later', [now + hour, now + 3 * hour], new Date(now + 3 * hour)],
])('stores the next due time when %s', async (_when, instants, expected) => {
  server.clock.now = new Date(now);
  const workspace = await newWorkspace(server);
  await createBuiltSegment(workspace, 'Recent', {
    did: { event: ['Order Completed'], window: { within: 'P1D' } },
  });
  await workspace.send(instants.map((at, index) => orderAt(`u${index}`, at - day)));
  expect(await noted(workspace)).toEqual(new Date(now + hour));

  server.clock.now = new Date(now + 2 * hour);

  await expect.poll(() => noted(workspace), { timeout: 20_000, interval: 20 }).toEqual(expected);
});

it('evaluates the customers that have been due longest first, and all of them over several rounds', async () => {
  server.clock.now = new Date(now);
  const workspace = await createDueCustomers(now + hour, 400);
  const later = new Date(now + 2 * hour);

  const rounds = [];
  let from: Date | undefined;
  do {
    const round = await evaluateDue(server.database, workspace.id, {
      now: later,
      isImporting: false,
      from,
    });
    rounds.push(round.count);
    from = round.upTo;
  } while (from);

  expect(rounds.reduce((sum, taken) => sum + taken, 0)).toBe(400);
  expect(rounds.length).toBeGreaterThan(2);
  await waitUntilNothingIsDue(server, workspace, later.getTime());
});
