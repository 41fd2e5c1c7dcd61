import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { afterAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { parseColumnMap } from '../../../src/entrypoints/imports/column-map.ts';
import { importOrders } from '../../../src/entrypoints/imports/import-orders.ts';
import { hasPurchaseLog, parsePurchase, writePurchaseLog } from '../../support/purchase-log.ts';
import { chosenSeed, createRandom } from '../../support/random.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const folder = await mkdtemp(join(tmpdir(), 'stageline-cdnow-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const seed = chosenSeed();

interface Move {
  cursor: string;
  at: string;
  fromKey: string | null;
  toKey: string;
}

/** Collects stage changes, disconnects repeatedly and resumes with its last cursor. */
function followStages(workspace: TestWorkspace, from: string, maxVisit: number) {
  const random = createRandom(seed);
  const moves: Move[] = [];
  const stopping = new AbortController();
  let after = from;
  let cuts = 0;

  async function followUntilCut() {
    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { key: workspace.key },
      retryAttempts: 0,
    });
    const leave = () => client.terminate();
    stopping.signal.addEventListener('abort', leave);
    const end = moves.length + random.between(1, maxVisit);
    try {
      const stream = client.iterate<{ stageChanged: Move }>({
        query: `subscription ($after: Cursor) {
          stageChanged(after: $after) { ... on StageChanged { cursor at fromKey toKey } }
        }`,
        variables: { after },
      });
      for await (const { data } of stream) {
        // A reset or an error has no cursor; it is collected and fails the comparison.
        const move = data?.stageChanged as Move;
        after = move.cursor;
        moves.push(move);
        if (moves.length >= end) client.terminate();
      }
    } finally {
      stopping.signal.removeEventListener('abort', leave);
    }
  }

  async function run() {
    for (; !stopping.signal.aborted; cuts += 1) await followUntilCut().catch(() => undefined);
  }

  const running = run();
  return {
    moves,
    cuts: () => cuts,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** The whole log of stage changes, page by page. */
async function readMoves(workspace: TestWorkspace) {
  type Page = {
    changes: {
      cursor: string;
      hasMore: boolean;
      changes: Array<Move & { customer: { userId: string } }>;
    };
  };
  const moves: Page['changes']['changes'] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { changes: page }: Page = await workspace.query<Page>(
      `query ($after: Cursor) {
        changes(first: 1000, kinds: [STAGE_CHANGED], after: $after) {
          ... on ChangePage {
            cursor hasMore
            changes { cursor at customer { userId } ... on StageChanged { fromKey toKey } }
          }
        }
      }`,
      { after },
    );
    moves.push(...page.changes);
    after = page.cursor;
    more = page.hasMore;
  }
  return moves;
}

const stageAfter = (orders: number) =>
  orders >= 5 ? 'LOYALTY' : orders >= 2 ? 'RETENTION' : 'CONVERSION';

/** The totals of the file and the moves of REACH_TO_LOYALTY, one line per move in the order of the file. */
async function readExpected(file: string) {
  const orders = new Map<string, number>();
  const [, ...lines] = (await readFile(file, 'utf8')).trim().split('\n');
  let cents = 0;
  const moves = lines.flatMap((line) => {
    const { customer, date, amount } = parsePurchase(line);
    cents += Math.round(Number(amount) * 100);
    const count = (orders.get(customer) ?? 0) + 1;
    orders.set(customer, count);
    const from = count === 1 ? null : stageAfter(count - 1);
    const at = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T00:00:00.000Z`;
    return from === stageAfter(count) ? [] : [[customer, at, from, stageAfter(count)].join(' ')];
  });
  const final = [...orders.values()].map(stageAfter);
  const staying = (stage: string) => final.filter((one) => one === stage).length;
  return {
    moves,
    customers: orders.size,
    orders: lines.length,
    cents: String(cents),
    stages: ['CONVERSION', 'RETENTION', 'LOYALTY'].map(staying),
  };
}

/** The same of CDNOW, counted by hand. */
const cdnow = {
  moves: 39_157,
  customers: 23_570,
  orders: 69_659,
  cents: '250031563',
  stages: [11_908, 7_737, 3_925],
};

const totals = `{
  workspace { cursor totals { customers orders events netRevenue { amount } } }
  lifecycle { stages { key customerCount } }
}`;

async function until(condition: () => boolean, timeoutMs: number) {
  for (const deadline = Date.now() + timeoutMs; !condition(); await pause(50)) {
    if (Date.now() > deadline) throw new Error('The condition was not met in time');
  }
}

it(`moves every customer of a purchase log according to its orders, and delivers each move once (seed ${seed})`, async () => {
  const file = join(folder, 'purchases.txt');
  await writePurchaseLog(file, { by: 'CUSTOMER' });
  const expected = await readExpected(file);
  if (hasPurchaseLog) expect({ ...expected, moves: expected.moves.length }).toEqual(cdnow);
  const workspace = await newWorkspace(server);
  const start = await workspace.query<{ workspace: { cursor: string } }>(totals);
  const subscriber = followStages(
    workspace,
    start.workspace.cursor,
    Math.ceil(expected.moves.length / 10),
  );
  const map = parseColumnMap(
    'customer=customer_id,date=date,amount=dollar_value,quantity=number_of_cds',
  );
  const request = { file, url: server.url, key: workspace.key, map };
  const output = { write: () => true, isTTY: false, columns: 80 };

  const summary = await importOrders(request, output);
  await until(() => subscriber.moves.length >= expected.moves.length, 60_000);
  const state = await workspace.query(totals);
  const log = await readMoves(workspace);
  const again = await importOrders(request, output);
  await subscriber.stop();

  expect(summary).toMatchObject({ accepted: expected.orders, duplicates: 0, rejected: 0 });
  expect(state).toMatchObject({
    workspace: {
      totals: {
        customers: expected.customers,
        orders: expected.orders,
        events: expected.orders,
        netRevenue: { amount: expected.cents },
      },
    },
    lifecycle: {
      stages: [
        { key: 'REACH', customerCount: 0 },
        { key: 'ACQUISITION', customerCount: 0 },
        { key: 'CONVERSION', customerCount: expected.stages[0] },
        { key: 'RETENTION', customerCount: expected.stages[1] },
        { key: 'LOYALTY', customerCount: expected.stages[2] },
      ],
    },
  });
  expect(
    log.map(({ customer, at, fromKey, toKey }) => [customer.userId, at, fromKey, toKey].join(' ')),
  ).toEqual(expected.moves);
  expect(subscriber.moves).toEqual(log.map(({ customer: _, ...move }) => move));
  expect(subscriber.cuts()).toBeGreaterThan(5);
  expect(again).toMatchObject({ accepted: 0, duplicates: expected.orders, rejected: 0 });
  expect(await workspace.query(totals)).toEqual(state);
}, 300_000);
