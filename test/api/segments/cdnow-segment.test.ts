import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { parseColumnMap } from '../../../src/entrypoints/imports/column-map.ts';
import { importOrders } from '../../../src/entrypoints/imports/import-orders.ts';
import { asAdmin } from '../../support/databases.ts';
import { hasPurchaseLog, writePurchaseLog } from '../../support/purchase-log.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const folder = await mkdtemp(join(tmpdir(), 'stageline-cdnow-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => {
  server.clock.now = undefined;
});

const silent = {
  all: [
    { did: { event: ['Order Completed'] } },
    { not: { did: { event: ['Order Completed'], window: { within: 'P90D' } } } },
  ],
};

async function createSilent(workspace: TestWorkspace) {
  await workspace.query(
    `mutation ($filter: CustomerFilter!) {
      createSegment(key: "SILENT", name: "No order for 90 days", filter: $filter) { __typename }
    }`,
    { filter: silent },
  );
  await expect
    .poll(() => workspace.query('{ segment(key: "SILENT") { build { state } } }'), {
      timeout: 20_000,
    })
    .toEqual({ segment: { build: { state: 'DONE' } } });
}

/** Loads the raw file into a table, to compute the expected changes without the product. */
async function loadRaw(file: string) {
  const [, ...lines] = (await readFile(file, 'utf8')).trim().split('\n');
  const rows = lines.map((line) => line.trim().split(/\s+/));
  await asAdmin(
    server.databaseUrl,
    `drop table if exists raw_order;
     create table raw_order as select * from rows from (
       unnest('{${rows.map(([customer]) => customer).join()}}'::text[]),
       unnest('{${rows.map(([, day]) => day).join()}}'::date[])) as raw (customer, day)`,
  );
}

/**
 * Entered ninety days after an order, unless another order precedes that instant; left at the next order, by which time
 * the ninety days have passed at that same instant.
 */
const expected = `
  with gaps as (
    select customer, day, lead(day) over (partition by customer order by day) as next
    from (select distinct customer, day from raw_order) as days
  )
  select customer, 'SEGMENT_ENTERED' as kind, (day + 90)::timestamp at time zone 'UTC' as at from gaps
  where next is null or next >= day + 90
  union all
  select customer, 'SEGMENT_LEFT', next::timestamp at time zone 'UTC' from gaps
  where next >= day + 90`;

const recorded = (workspaceId: string) => `
  select c.user_id as customer, ch.kind, ch.at from change ch
  join customer c on c.workspace_id = ch.workspace_id and c.id = ch.customer_id
  where ch.workspace_id = '${workspaceId}' and ch.kind in ('SEGMENT_ENTERED', 'SEGMENT_LEFT')`;

it.each([
  { by: 'CUSTOMER', minEntries: hasPurchaseLog ? 20_000 : 2_000 },
  { by: 'DATE', customers: 2_000, minEntries: 1_500 },
] as const)(
  'logs “no order for 90 days” at the exact instants for an import sorted by $by',
  async ({ minEntries, ...log }) => {
    // The clock stands still, so that a slow machine causes no pause in the import.
    const now = Date.now();
    server.clock.now = new Date(now);
    const workspace = await newWorkspace(server);
    await createSilent(workspace);
    const file = join(folder, `by-${log.by}.txt`);
    await writePurchaseLog(file, log);
    const output = { write: () => true, isTTY: false, columns: 80 };
    const request = {
      file,
      url: server.url,
      key: workspace.key,
      map: parseColumnMap('customer=customer_id,date=date,amount=dollar_value'),
    };
    await importOrders(request, output);
    await loadRaw(file);

    // Customers are evaluated up to the present after the import.
    server.clock.now = new Date(now + 20_000);
    const isOver = `select count(*)::int as due from customer
      where workspace_id = '${workspace.id}' and due_at is not null`;
    await expect
      .poll(async () => (await asAdmin(server.databaseUrl, isOver)).rows, {
        timeout: 100_000,
        interval: 500,
      })
      .toEqual([{ due: 0 }]);

    const { rows } = await asAdmin(
      server.databaseUrl,
      `with expected as (${expected}), recorded as (${recorded(workspace.id)})
       select (select count(*)::int from expected) as expected,
         (select count(*)::int from recorded) as recorded,
         (select count(*)::int from (table expected except all table recorded) as missing) as missing,
         (select count(*)::int from (table recorded except all table expected) as additional) as additional`,
    );
    const [{ expected: entries, ...rest }] = rows;
    expect(rest).toEqual({ recorded: entries, missing: 0, additional: 0 });
    expect(entries).toBeGreaterThan(minEntries);
  },
  300_000,
);
