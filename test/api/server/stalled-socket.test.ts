import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { waitUntil } from '../../support/embedded-owners.ts';
import { essay, essays } from '../../support/essays.ts';
import { positionsTo } from '../../support/inspect.ts';
import { readMetrics } from '../../support/metrics-page.ts';
import { officialClients } from '../../support/official-clients.ts';
import { newWorkspace, useServer } from '../../support/server.ts';
import { startHttpProxy } from '../../support/tcp-proxy.ts';

/** Instead of 30 s. */
const maxStallMs = 500;
const server = useServer({ maxStallMs });
/** More than the kernel takes for a client that does not read. */
const batches = 40;
const tooSlow = 'stageline_live_ended_total{reason="TOO_SLOW"}';

/** Called when the server closes a socket. */
let onClose: (code?: number) => void = () => undefined;
const { close } = WebSocket.prototype;
const cleanups: Array<() => unknown> = [];
beforeEach(() => {
  vi.spyOn(WebSocket.prototype, 'close').mockImplementation(function (this: WebSocket, ...args) {
    close.apply(this, args);
    onClose(args[0]);
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const clean of cleanups.splice(0)) await clean();
});

/**
 * A subscriber whose connection accepts nothing more, while deliveries that are due to it and to another one go on.
 * It is read again at once when the server closes it with 1013, or when `heal` is called.
 */
async function stall({ isReadAtClose = false } = {}) {
  const workspace = await newWorkspace(server);
  const { workspace: start } = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  const proxy = await startHttpProxy(server.url);
  const connect = (url: string, isPersistent: boolean) => {
    const client = officialClients.WebSocket({ url: () => url, key: workspace.key, isPersistent });
    cleanups.push(client.dispose);
    return client;
  };
  cleanups.push(proxy.close);
  const stalled = connect(proxy.url, false).follow(essays, { after: start.cursor });
  const other = connect(server.url, true).follow(essays, { after: start.cursor });
  await workspace.send([essay(0)]);
  await Promise.all([stalled.untilLength(1), other.untilLength(1)]);
  const closing = Promise.withResolvers<void>();
  onClose = (code) => {
    if (code !== 1013) return;
    closing.resolve();
    if (isReadAtClose) void proxy.heal();
  };
  proxy.freeze();
  for (let batch = 0; batch < batches; batch += 1) {
    await workspace.send(positionsTo(10).map((k) => essay(10 * batch + k)));
  }
  await other.untilLength(10 * batches + 1);
  await closing.promise;
  return {
    stalled,
    heal: proxy.heal,
    /** Resumes after the last result; returns the results of both connections, and all that were due. */
    async resume() {
      const after = stalled.results.at(-1)?.extensions?.cursor;
      const resumed = connect(server.url, true).follow(essays, { after });
      await resumed.untilLength(other.results.length - stalled.results.length);
      return { received: [...stalled.results, ...resumed.results], due: other.results };
    },
  };
}

const endedAsTooSlow = async () => (await readMetrics(server)).series.get(tooSlow) ?? 0;

it('is closed with 1013, which a client sees that reads again at once, and resumes without a gap', async () => {
  const { stalled, resume } = await stall({ isReadAtClose: true });

  expect(await stalled.end).toHaveProperty('code', 1013);
  const { received, due } = await resume();
  expect(received).toEqual(due);
});

it('is cut without a code if its client does not read the close frame, and resumes without a gap', async () => {
  const before = await endedAsTooSlow();
  const { stalled, heal, resume } = await stall();
  await waitUntil(async () => (await endedAsTooSlow()) > before, 20_000);

  await heal();

  expect(await stalled.end).toHaveProperty('code', 1006);
  const { received, due } = await resume();
  expect(received).toEqual(due);
});
