import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createKey, revokeKey } from '../../../src/access/keys.ts';
import { addUp, type Counts, type CountsPayload, watchCounts } from '../../support/count-stream.ts';
import { waitUntil } from '../../support/embedded-owners.ts';
import { essay, essays } from '../../support/essays.ts';
import { positionsTo } from '../../support/inspect.ts';
import { type Changes, positionOf, watchChanges } from '../../support/live-client.ts';
import { readMetrics } from '../../support/metrics-page.ts';
import {
  type ClientOptions,
  type FollowedOperation,
  type OfficialClient,
  officialClients,
  refusalOf,
  type TransportName,
} from '../../support/official-clients.ts';
import { startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import { startHttpProxy } from '../../support/tcp-proxy.ts';
import { createTransportTable } from '../../support/transport-table.ts';

const server = useServer();
const transports = Object.keys(officialClients) as TransportName[];
const table = createTransportTable(transports);
const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});
afterAll(() => console.log(table.print()));

const order = (userId: string) => ({ type: 'track', userId, event: 'Order Completed' });

function connect(
  transport: TransportName,
  { key }: Pick<TestWorkspace, 'key'>,
  options: Partial<ClientOptions> = {},
): OfficialClient {
  const client = officialClients[transport]({ url: () => server.url, key, ...options });
  cleanups.push(client.dispose);
  return client;
}

async function openProxy() {
  const proxy = await startHttpProxy(server.url);
  cleanups.push(proxy.close);
  return proxy;
}

/** The beginning of the log of a new workspace. */
async function startOf(workspace: TestWorkspace): Promise<string> {
  const found = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  return found.workspace.cursor;
}

const positions = ({ results }: FollowedOperation<Changes>) =>
  results.map(({ data }) => (data ? positionOf(data.changes) : undefined));

describe.each(transports)('over %s', (transport) => {
  it('delivers changes as they happen', async () => {
    const workspace = await newWorkspace(server);
    const watch = connect(transport, workspace).follow<Changes>(watchChanges, {
      after: await startOf(workspace),
    });

    for (const round of [1, 2, 3]) {
      await workspace.send([order(`u${round}`)]);
      await watch.untilLength(2 * round);
    }

    expect(positions(watch)).toEqual(positionsTo(6));
    table.record('delivers live', transport, 'yes');
  });

  it('delivers a snapshot, then differences that add up to the counts', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1')]);
    const watch = connect(transport, workspace).follow<Counts>(watchCounts);
    await watch.untilLength(1);

    await workspace.send([order('u2')]);
    await workspace.send([order('u2'), order('u3')]);
    await workspace.send([order('u1')]);
    const { stageCounts } = await workspace.query<{ stageCounts: CountsPayload }>(
      '{ stageCounts { cursor counts { stageKey customers } } }',
    );
    const isCurrent = () =>
      watch.results.at(-1)?.extensions?.cursor === stageCounts.cursor ||
      watch.results.at(-1)?.data?.stageCountsChanged.cursor === stageCounts.cursor;
    await waitUntil(isCurrent);

    const payloads = watch.results.map(({ data }) => data?.stageCountsChanged);
    expect(payloads.map((payload) => payload?.counts !== undefined)).toEqual([
      true,
      ...payloads.slice(1).map(() => false),
    ]);
    expect(addUp(payloads)).toEqual(addUp([stageCounts]));
    table.record('snapshot, then differences', transport, 'yes');
  });

  it('resumes after cuts without loss or repeat', async () => {
    const workspace = await newWorkspace(server);
    const proxy = await openProxy();
    const watch = connect(transport, workspace, { url: () => proxy.url }).follow<Changes>(
      watchChanges,
      { after: await startOf(workspace) },
    );
    const rounds = 12;

    for (let round = 1; round <= rounds; round += 1) {
      await workspace.send([order(`a${round}`), order(`b${round}`)]);
      // Every other cut is in the middle of deliveries.
      await watch.untilLength(round % 2 ? 4 * round : 4 * round - 3);
      proxy.cut();
    }
    await watch.untilLength(4 * rounds);

    expect(positions(watch)).toEqual(positionsTo(4 * rounds));
    table.record('resumes after a cut', transport, `${rounds} cuts, none lost`);
  });

  it('refuses an invalid cursor', async () => {
    const workspace = await newWorkspace(server);
    const client = connect(transport, workspace, { isPersistent: false });
    const watch = client.follow<Changes>(watchChanges, { after: 'yesterday' });

    const refusal = await refusalOf(watch);
    // The client for event streams reports the status only.
    expect(refusal).toBe(transport === 'WebSocket' ? 'INVALID_INPUT' : '400');
    table.record('refuses an invalid cursor', transport, refusal);
  });

  it('ends with a reset after a cursor of another log', async () => {
    const [workspace, other] = [await newWorkspace(server), await newWorkspace(server)];
    const watch = connect(transport, workspace).follow<Changes>(watchChanges, {
      after: await startOf(other),
    });

    expect(await watch.end).toBe('complete');
    expect(watch.results).toMatchObject([
      { data: { changes: { __typename: 'StreamReset', reason: 'UNKNOWN_LOG' } } },
    ]);
    table.record('a foreign cursor ends with a reset', transport, 'UNKNOWN_LOG');
  });

  describe('a key', () => {
    const createReader = (workspace: TestWorkspace, expiresAt?: Date) =>
      createKey(server.database, workspace.id, { name: 'k', scopes: ['read'], expiresAt });

    /** Sends orders until the stream ends and some more; returns the time of the end. */
    async function endOf(watch: FollowedOperation<Changes>, workspace: TestWorkspace) {
      let endedAt: number | undefined;
      void watch.end.then(() => {
        endedAt = Date.now();
      });
      while (endedAt === undefined) await workspace.send([order(crypto.randomUUID())]);
      const { length } = watch.results;
      await workspace.send([order('late')]);
      // A subscriber with a valid key shows that the late order was delivered to whoever may see it.
      const others = connect(transport, workspace).follow<Changes>(watchChanges, {
        after: watch.results.at(-1)?.extensions?.cursor,
      });
      await others.untilLength(2);
      expect(watch.results).toHaveLength(length);
      return endedAt;
    }

    it('that is revoked is delivered nothing more', async () => {
      const workspace = await newWorkspace(server);
      const { id, key } = await createReader(workspace);
      const client = connect(transport, { key }, { isPersistent: false });
      const watch = client.follow<Changes>(watchChanges, { after: await startOf(workspace) });
      await workspace.send([order('u1')]);
      await watch.untilLength(2);

      const ended = endOf(watch, workspace);
      await revokeKey(server.database, workspace.id, id);
      const revokedAt = Date.now();

      const milliseconds = (await ended) - revokedAt;
      expect(milliseconds).toBeLessThan(maxRevocationMs);
      table.record('revocation ends delivery', transport, `${Math.max(0, milliseconds)} ms`);
    });

    it('that expires is delivered nothing more', async () => {
      const workspace = await newWorkspace(server);
      const expiresAt = new Date(Date.now() + 1_500);
      const { key } = await createReader(workspace, expiresAt);
      const client = connect(transport, { key }, { isPersistent: false });
      const watch = client.follow<Changes>(watchChanges, { after: await startOf(workspace) });
      await workspace.send([order('u1')]);
      await watch.untilLength(2);

      const milliseconds = (await endOf(watch, workspace)) - expiresAt.getTime();

      expect(milliseconds).toBeGreaterThan(-50);
      expect(milliseconds).toBeLessThan(maxRevocationMs);
      table.record('expiry ends delivery', transport, `${milliseconds} ms`);
    });
  });

  it('costs a bounded number of bytes while it is not read, and others no time', async () => {
    const workspace = await newWorkspace(server);
    const proxy = await openProxy();
    const after = await startOf(workspace);
    const slow = connect(transport, workspace, { url: () => proxy.url }).follow(essays, { after });
    const fast = connect(transport, workspace).follow(essays, { after });
    await workspace.send([essay(0)]);
    await Promise.all([slow.untilLength(1), fast.untilLength(1)]);

    proxy.freeze();
    for (let batch = 0; batch < essayBatches; batch += 1) {
      await workspace.send(positionsTo(10).map((k) => essay(10 * batch + k)));
    }
    await fast.untilLength(10 * essayBatches + 1);
    const waiting = (await readMetrics(server)).series.get('stageline_live_waiting_bytes') ?? -1;
    const seenMeanwhile = slow.results.length;
    await proxy.heal();
    await slow.untilLength(10 * essayBatches + 1);

    expect(seenMeanwhile).toBe(1);
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(maxWaitingBytes);
    expect(slow.results).toEqual(fast.results);
    table.record('waits for a client that does not read', transport, `${waiting} bytes`);
  });

  it('reconnects without "complete" when the server shuts down, and misses nothing', async () => {
    const workspace = await newWorkspace(server);
    const second = await startSecondServer(server, { url: server.databaseUrl });
    let current = second.url;
    const watch = connect(transport, workspace, { url: () => current }).follow<Changes>(
      watchChanges,
      { after: await startOf(workspace) },
    );
    await workspace.send([order('u1')]);
    await watch.untilLength(2);

    current = server.url;
    await second.end();
    await workspace.send([order('u2')]);
    await watch.untilLength(4);

    expect(positions(watch)).toEqual(positionsTo(4));
    table.record('a shutdown makes it reconnect', transport, 'yes');
  });
});

describe.concurrent('in a quiet time', () => {
  it.each(transports)('the server sends a sign of life over %s', async (transport) => {
    const workspace = await newWorkspace(server);
    const proxy = await startHttpProxy(server.url);
    const client = officialClients[transport]({ url: () => proxy.url, key: workspace.key });
    const watch = client.follow<Changes>(watchChanges, { after: await startOf(workspace) });
    await workspace.send([order('u1')]);
    await watch.untilLength(2);
    const [before, began] = [proxy.received(), performance.now()];

    await waitUntil(() => proxy.received() > before, maxQuietMs);

    table.record('sign of life', transport, seconds(performance.now() - began));
    client.dispose();
    await proxy.close();
  });

  it('a WebSocket whose client answers no ping is closed', async () => {
    const workspace = await newWorkspace(server);
    const client = officialClients.WebSocket({
      url: () => server.url,
      key: workspace.key,
      isPersistent: false,
      isAlive: false,
    });
    const began = performance.now();
    const watch = client.follow<Changes>(watchChanges);

    await waitUntil(async () => (await Promise.race([watch.end, undefined])) !== undefined, 25_000);

    expect(await watch.end).toMatchObject({ code: 1006 });
    table.record('a dead peer is closed', 'WebSocket', seconds(performance.now() - began));
    client.dispose();
  });

  // A peer whose machine is gone is found out by TCP: nothing is received on an event stream.
  for (const transport of transports.slice(1)) {
    table.record('a dead peer is closed', transport, 'left to TCP');
  }
});

/** As documented. */
const maxRevocationMs = 1_000;
const maxQuietMs = 15_000;
/** What is waiting for one client: one write beyond what was not accepted. */
const maxWaitingBytes = 256 * 1_024;
const essayBatches = 40;

const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`;
