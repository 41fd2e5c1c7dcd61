import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { afterAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { parseColumnMap } from '../../../src/entrypoints/imports/column-map.ts';
import { importOrders } from '../../../src/entrypoints/imports/import-orders.ts';
import { chosenSeed, createRandom } from '../../support/random.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const original = join(import.meta.dirname, '../../../../shared/data/CDNOW_master.txt');
const isMissing = !existsSync(original);
if (isMissing) {
  console.log(`Skipped: the CDNOW purchase log is not at ${original}, so it cannot be imported.`);
}

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
function followStages(workspace: TestWorkspace, from: string) {
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
    const end = moves.length + random.between(1, 4_000);
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

/** The expected moves of the lifecycle REACH_TO_LOYALTY: one line per move, in the order of the file. */
async function expectedMoves(file: string): Promise<string[]> {
  const orders = new Map<string, number>();
  const [, ...lines] = (await readFile(file, 'utf8')).trim().split('\n');
  return lines.flatMap((line) => {
    const [customer = '', day = ''] = line.trim().split(/\s+/);
    const count = (orders.get(customer) ?? 0) + 1;
    orders.set(customer, count);
    const from = count === 1 ? null : stageAfter(count - 1);
    const at = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00.000Z`;
    return from === stageAfter(count) ? [] : [[customer, at, from, stageAfter(count)].join(' ')];
  });
}

const totals = `{
  workspace { cursor totals { customers orders events netRevenue { amount } } }
  lifecycle { stages { key customerCount } }
}`;

async function until(condition: () => boolean, timeoutMs: number) {
  for (const deadline = Date.now() + timeoutMs; !condition(); await pause(50)) {
    if (Date.now() > deadline) throw new Error('The condition was not met in time');
  }
}

it.skipIf(isMissing)(
  `moves every CDNOW customer according to its orders, and delivers each move once (seed ${seed})`,
  async () => {
    // In its own folder, so that the checkpoint of another import is not used.
    const file = join(folder, 'CDNOW_master.txt');
    await copyFile(original, file);
    const workspace = await newWorkspace(server);
    const start = await workspace.query<{ workspace: { cursor: string } }>(totals);
    const subscriber = followStages(workspace, start.workspace.cursor);
    const map = parseColumnMap(
      'customer=customer_id,date=date,amount=dollar_value,quantity=number_of_cds',
    );
    const request = { file, url: server.url, key: workspace.key, map };
    const output = { write: () => true, isTTY: false, columns: 80 };

    const summary = await importOrders(request, output);
    await until(() => subscriber.moves.length >= 39_157, 60_000);
    const state = await workspace.query(totals);
    const log = await readMoves(workspace);
    const again = await importOrders(request, output);
    await subscriber.stop();

    expect(summary).toMatchObject({ accepted: 69_659, duplicates: 0, rejected: 0 });
    expect(state).toMatchObject({
      workspace: {
        totals: {
          customers: 23_570,
          orders: 69_659,
          events: 69_659,
          netRevenue: { amount: '250031563' },
        },
      },
      lifecycle: {
        stages: [
          { key: 'REACH', customerCount: 0 },
          { key: 'ACQUISITION', customerCount: 0 },
          { key: 'CONVERSION', customerCount: 11_908 },
          { key: 'RETENTION', customerCount: 7_737 },
          { key: 'LOYALTY', customerCount: 3_925 },
        ],
      },
    });
    expect(log).toHaveLength(39_157);
    expect(
      log.map(({ customer, at, fromKey, toKey }) =>
        [customer.userId, at, fromKey, toKey].join(' '),
      ),
    ).toEqual(await expectedMoves(file));
    expect(subscriber.moves).toEqual(log.map(({ customer: _, ...move }) => move));
    expect(subscriber.cuts()).toBeGreaterThan(5);
    expect(again).toMatchObject({ accepted: 0, duplicates: 69_659, rejected: 0 });
    expect(await workspace.query(totals)).toEqual(state);
  },
  300_000,
);
