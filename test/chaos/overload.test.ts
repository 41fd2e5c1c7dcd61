import { readFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { cleanUp, createFolder } from '../support/embedded-owners.ts';
import { createLedger, isRefusal, type Ledger, post } from '../support/ledger.ts';
import { createRandom } from '../support/random.ts';
import {
  embeddedUrl,
  endServers,
  processAdminKey,
  startServerProcess,
} from '../support/server-process.ts';
import { createShop, type ShopCall } from '../support/shop-orders.ts';

const backlog = 500;
const senders = 60;
const rounds = 10;
const batchSize = 100;
/** The maximum of additional memory while the server refuses requests. */
const maxGrowthBytes = 200_000_000;

afterEach(async () => {
  await endServers();
  await cleanUp();
}, 60_000);

it('refuses excess load, counts exactly, limits memory and recovers by itself', async () => {
  const folder = await createFolder();
  const server = await startServerProcess(folder, { STAGELINE_BACKLOG_EVENTS: String(backlog) });
  const ledger = createLedger();
  const outcome = { sent: 0, accepted: 0, refused: 0 };
  const atRest = await residentBytes(server.pid);
  let most = atRest;

  await Promise.all(
    Array.from({ length: senders }, async (_, index) => {
      const shop = createShop(`s${index}`, 50, createRandom(index));
      for (let round = 0; round < rounds; round += 1) {
        const batch = shop.batch(batchSize);
        const taken = await sendOnce(`${server.url}/v1/batch`, batch, ledger);
        outcome.sent += batch.length;
        outcome[taken ? 'accepted' : 'refused'] += batch.length;
        most = Math.max(most, await residentBytes(server.pid));
      }
    }),
  );
  const shop = createShop('afterwards', 1, createRandom(0));
  const takesAgain = await sendOnce(`${server.url}/v1/batch`, shop.batch(batchSize), ledger);

  const growth = Math.round((most - atRest) / 1_000_000);
  console.log(`${JSON.stringify(outcome)}, memory grew by ${growth} MB at most`);
  expect(outcome.refused).toBeGreaterThan(0);
  expect(outcome.accepted).toBeGreaterThan(0);
  expect(outcome.accepted + outcome.refused).toBe(senders * rounds * batchSize);
  expect(most - atRest).toBeLessThan(maxGrowthBytes);
  expect(takesAgain).toBe(true);
  // The database contains everything that was accepted and nothing that was refused.
  await audit(await embeddedUrl(folder), ledger);
});

/** Whether the whole batch was accepted; otherwise none of it, with a code and a time to wait. */
async function sendOnce(url: string, batch: ShopCall[], ledger: Ledger): Promise<boolean> {
  const answer = await post(url, processAdminKey, { batch });
  if (answer.status === 200) {
    const { results } = answer.body as { results: Array<{ status: string }> };
    if (results.some(({ status }) => status !== 'accepted')) ledger.odd.push('not all accepted');
    ledger.acknowledged.push(...batch);
    return true;
  }
  const { code } = answer.body as { code?: string };
  if (!isRefusal(answer) || code !== 'OVERLOADED') ledger.odd.push(`${answer.status} ${code}`);
  return false;
}

async function residentBytes(pid: number): Promise<number> {
  // Memory is read on Linux only.
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024;
}
