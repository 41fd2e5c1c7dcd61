import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { cleanUp, createFolder } from '../support/embedded-owners.ts';
import { post } from '../support/ledger.ts';
import { chosenSeed, createRandom } from '../support/random.ts';
import {
  endServers,
  kill,
  killPostgres,
  processAdminKey,
  type ServerProcess,
  spawnServer,
  startServerProcess,
} from '../support/server-process.ts';

afterEach(async () => {
  await endServers();
  await cleanUp();
}, 60_000);

it('refuses a second server on the same data folder while the first keeps running', async () => {
  const folder = await createFolder();
  const first = await startServerProcess(folder);

  const second = await spawnServer(folder).ended;

  console.log(`The second server ended after ${Math.round(second.milliseconds)} ms`);
  expect(second.code).toBe(1);
  expect(second.errors).toBe(
    `The data folder ${folder} is in use by another Stageline server (process ${first.pid}). ` +
      'Stop that server, or choose another folder with STAGELINE_DATA.\n',
  );
  expect(second.milliseconds).toBeLessThan(10_000);
  expect(await takes(first, 'one')).toBe(true);
});

it('starts after a kill at any time during the first start', async () => {
  const seed = chosenSeed();
  const random = createRandom(seed);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const folder = await createFolder();
    const { child, ended } = spawnServer(folder);
    // Kills at any time from the start of the process to about when it is ready.
    await pause(random.between(300, 5_000));
    if (attempt % 2 === 1) await killPostgres(folder);
    child.kill('SIGKILL');
    await ended;

    const server = await startServerProcess(folder);

    expect(await takes(server, `attempt-${attempt}`), `seed ${seed}`).toBe(true);
    await kill(server);
  }
});

/** Whether the server ingests an event and returns its customer. */
async function takes({ url }: ServerProcess, userId: string): Promise<boolean> {
  const batch = [{ type: 'track', event: 'Order Completed', userId, properties: { total: 1 } }];
  const sent = await post(`${url}/v1/batch`, processAdminKey, { batch });
  const query = `{ customer(by: { userId: "${userId}" }) { orderCount } }`;
  const { body } = await post(`${url}/graphql`, processAdminKey, { query });
  const { customer } = (body as { data: { customer: { orderCount: number } | null } }).data;
  return sent.status === 200 && customer?.orderCount === 1;
}
