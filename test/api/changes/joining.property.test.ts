import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/platform/config.ts';
import { type LiveOperation, type LiveSocket, openLiveSocket } from '../../support/live-socket.ts';
import { createRandom } from '../../support/random.ts';
import { interfere, randomCall } from '../../support/random-moves.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import {
  foldStages,
  readStageLog,
  type StageChange,
  type StageTable,
} from '../../support/stage-log.ts';

const unlimited = 1e9;
const server = useServer({
  limits: {
    ...loadConfig({}).limits,
    keyRequests: unlimited,
    workspaceRequests: unlimited,
    keyCost: unlimited,
    workspaceCost: unlimited,
    socketOperations: unlimited,
  },
});

/** A run has 72 to 120 interleavings: `STAGELINE_PROPERTY_RUNS=115` makes some 10,000. */
const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 16);
const timeoutMs = 60_000 + runs * 10_000;

const documents = {
  counts: `subscription ($after: Cursor) { stageCountsChanged(after: $after) {
    ... on StageCounts { cursor counts { stageKey customers } }
    ... on StageCountsDifference { cursor deltas { stageKey delta } }
    ... on StreamReset { reason } } }`,
  moves: `subscription ($after: Cursor) { stageChanged(after: $after) {
    ... on StageChanged { cursor fromKey toKey }
    ... on StreamReset { reason } } }`,
};

interface Payload {
  cursor: string;
  counts?: Array<{ stageKey: string; customers: number }>;
  deltas?: Array<{ stageKey: string; delta: number }>;
  fromKey?: string | null;
  toKey?: string | null;
}

/** A subscription: what it follows, whether it resumes, and when it leaves. */
interface Visit {
  follows: keyof typeof documents;
  /** It resumes from one of the cursors that anyone has received, 0 the first and 1 the last; null from none. */
  resumesAt: number | null;
  /** It leaves after so many deliveries. */
  leavesAfter: number;
}

const visits = fc.record<Visit>({
  follows: fc.constantFrom('counts', 'moves'),
  resumesAt: fc.option(
    fc.oneof(
      fc.nat(100).map((percent) => percent / 100),
      fc.constant(1),
    ),
    { freq: 1 },
  ),
  leavesAfter: fc.nat(4),
});

const scenarios = fc.record({
  seeds: fc.array(fc.integer(), { minLength: 2, maxLength: 3 }),
  sockets: fc.array(
    fc.array(fc.array(visits, { minLength: 6, maxLength: 10 }), { minLength: 4, maxLength: 4 }),
    {
      minLength: 3,
      maxLength: 3,
    },
  ),
});

interface Subscription {
  visit: Visit;
  /** The cursor that it resumed from. */
  after: string | undefined;
  operation: LiveOperation<Record<string, Payload>>;
}

const positionOf = (cursor: string) => Number(cursor.split('.')[1]);

const payloadsOf = ({ operation }: Subscription) =>
  operation.items.flatMap((item) => Object.values(item));

/** Everyone who subscribes in one run, and the cursors that they received. */
function createSubscribers(firstCursor: string) {
  const cursors = [firstCursor];
  const all: Subscription[] = [];

  function subscribe(socket: LiveSocket, visit: Visit): Subscription {
    // A stream of moves that does not resume says nowhere where it began.
    const resumesAt = visit.resumesAt ?? (visit.follows === 'moves' ? 1 : undefined);
    const after =
      resumesAt === undefined ? undefined : cursors[Math.floor(resumesAt * (cursors.length - 1))];
    const operation = socket.subscribe<Record<string, Payload>>(documents[visit.follows], {
      after,
    });
    const subscription = { visit, after, operation };
    all.push(subscription);
    return subscription;
  }

  /** Subscribes one after another; the last subscription stays. */
  async function play(socket: LiveSocket, script: readonly Visit[]): Promise<Subscription> {
    let last = subscribe(socket, script[0] as Visit);
    for (const visit of script.slice(1)) {
      const { operation, visit: present } = last;
      await operation.until(() => operation.items.length >= present.leavesAfter);
      operation.leave();
      const cursor = payloadsOf(last).at(-1)?.cursor;
      if (cursor) cursors.push(cursor);
      last = subscribe(socket, visit);
    }
    return last;
  }

  return { all, play };
}

/** Writes until it is told to stop. Each batch has a customer that is new, so that something always moves. */
async function write(workspace: TestWorkspace, seed: number, isOver: () => boolean) {
  const random = createRandom(seed);
  for (let batch = 0; !isOver(); batch += 1) {
    const calls = Array.from({ length: random.between(0, 5) }, () => randomCall(random));
    const newcomer = { type: 'track', event: 'Tried', userId: `new ${seed} ${batch}` };
    await workspace.send([...calls, newcomer]);
    if (random.between(0, 4) === 0) await interfere(workspace, random);
  }
}

const toTable = (counts: Payload['counts'] = []): StageTable =>
  Object.fromEntries(
    counts
      .filter(({ customers }) => customers > 0)
      .map(({ stageKey, customers }) => [stageKey, customers]),
  );

/** The deltas of a change as they are delivered. */
const toDeltas = ({ from, to }: StageChange) => [
  ...(from === null ? [] : [{ stageKey: from, delta: -1 }]),
  ...(to === null ? [] : [{ stageKey: to, delta: 1 }]),
];

/** Compares with the log what a subscription was delivered: no gap, no repeat, the state at each position. */
function check(subscription: Subscription, log: readonly StageChange[]) {
  const { visit, after } = subscription;
  const payloads = payloadsOf(subscription);
  const [first] = payloads;
  const hasState = visit.follows === 'counts' && after === undefined;
  const start = after ?? first?.cursor;
  if (!first || start === undefined) return;
  const delivered = hasState ? payloads.slice(1) : payloads;
  if (hasState) {
    const before = log.filter(({ position }) => position <= positionOf(start));
    expect(toTable(first.counts)).toEqual(foldStages({}, before));
  }
  const expected = log
    .filter(
      ({ position, isMove }) =>
        position > positionOf(start) && (isMove || visit.follows === 'counts'),
    )
    .slice(0, delivered.length);
  expect(delivered.map(({ cursor }) => positionOf(cursor))).toEqual(
    expected.map(({ position }) => position),
  );
  if (visit.follows === 'counts') {
    expect(delivered.map(({ deltas }) => deltas)).toEqual(expected.map(toDeltas));
  } else {
    expect(delivered.map(({ fromKey, toKey }) => [fromKey, toKey])).toEqual(
      expected.map(({ from, to }) => [from, to]),
    );
  }
}

/** Waits until a subscription that stays has everything. */
async function waitUntilCaughtUp(subscription: Subscription, log: readonly StageChange[]) {
  const { operation, visit, after } = subscription;
  const last =
    log.filter(({ isMove }) => isMove || visit.follows === 'counts').at(-1)?.position ?? 0;
  if (after !== undefined && positionOf(after) >= last) return;
  await operation.until(() => {
    const cursor = payloadsOf(subscription).at(-1)?.cursor;
    return cursor !== undefined && positionOf(cursor) >= last;
  });
}

const presentCounts = '{ stageCounts { cursor counts { stageKey customers } } }';

const total = { subscriptions: 0, resumed: 0, delivered: 0 };

it(
  `delivers the state and every later change once to all who join and leave during writes, in ${runs} runs`,
  async () => {
    const property = fc.asyncProperty(scenarios, async ({ seeds, sockets: scripts }) => {
      const workspace = await newWorkspace(server);
      await workspace.send([{ type: 'track', event: 'Tried', userId: 'u1' }]);
      const begin = await workspace.query<{ stageCounts: Payload }>(presentCounts);
      const { all, play } = createSubscribers(begin.stageCounts.cursor);
      const sockets = await Promise.all(
        scripts.map(() => openLiveSocket(server.url, workspace.key)),
      );
      let isOver = false;
      const writing = Promise.all(seeds.map((seed) => write(workspace, seed, () => isOver)));
      const playing = scripts.flatMap((script, index) =>
        script.map((visits) => play(sockets[index] as LiveSocket, visits)),
      );
      const staying = await Promise.all(playing).finally(() => {
        isOver = true;
      });
      await writing;

      const log = await readStageLog(server, workspace);
      await Promise.all(staying.map((one) => waitUntilCaughtUp(one, log)));
      for (const socket of sockets) socket.close();
      const present = await workspace.query<{ stageCounts: Payload }>(presentCounts);
      expect(foldStages({}, log)).toEqual(toTable(present.stageCounts.counts));
      for (const subscription of all) check(subscription, log);
      total.subscriptions += all.length;
      total.resumed += all.filter(({ after }) => after !== undefined).length;
      total.delivered += all.flatMap(payloadsOf).length;
    });
    await fc.assert(property, { numRuns: runs });
    process.stdout.write(`Interleavings of a subscription with writes: ${JSON.stringify(total)}\n`);
    expect(total.subscriptions).toBeGreaterThan(70 * runs);
  },
  timeoutMs,
);
