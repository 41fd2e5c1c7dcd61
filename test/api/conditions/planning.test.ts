import { expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../../src/platform/log.ts';
import { refreshStatistics } from '../../../src/platform/refresh-statistics.ts';
import { sendAll } from '../../support/churn-shop.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

/** The query plan of a statement. */
const planOf = (workspaceId: string, statement: string) =>
  server.database.readWorkspace(workspaceId, async (tx) => {
    const rows = await tx.$queryRawUnsafe<Array<{ 'QUERY PLAN': unknown }>>(
      `explain (format json) ${statement}`,
    );
    return JSON.stringify(rows[0]?.['QUERY PLAN']);
  });

it('has planner statistics of a fresh import before autovacuum runs', async () => {
  const { database, databaseUrl: ownerUrl } = server;
  const keeper = refreshStatistics({ database, ownerUrl, log: createLog('silent') });
  onTestFinished(keeper.stop);
  const workspace = await newWorkspace(server);
  const customers = 2_500;
  const identify = (n: number) => ({ type: 'identify', userId: `u${n}`, messageId: `m${n}` });
  await sendAll(
    workspace,
    Array.from({ length: customers }, (_, n) => identify(n)),
  );

  const expected = async () => {
    const plan = await planOf(
      workspace.id,
      `select from customer where workspace_id = '${workspace.id}'`,
    );
    return Number(/"Plan Rows":(\d+)/.exec(plan)?.[1]);
  };
  await expect.poll(expected, { timeout: 20_000, interval: 200 }).toBeGreaterThan(customers / 2);
});

it('hashes a set of a million rows instead of scanning it for every customer', async () => {
  const workspace = await newWorkspace(server);
  const million = 'select gen_random_uuid() from generate_series(1, 1000000)';

  const plan = await planOf(
    workspace.id,
    `select from customer c where not c.id in (${million}) or c.name = 'x'`,
  );

  expect(plan).toContain('hashed SubPlan');
});
