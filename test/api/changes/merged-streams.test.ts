import { afterEach, beforeAll, expect, it } from 'vitest';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { type LiveOperation, type LiveSocket, openLiveSocket } from '../../support/live-socket.ts';
import { type SecondServer, startSecondServer } from '../../support/second-server.ts';
import { changeList, createTestSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
/** Has followed nothing, so that it knows of the past what the database says. */
let newcomer: SecondServer;
const sockets: LiveSocket[] = [];

beforeAll(async () => {
  newcomer = await startSecondServer(server, { url: await prepareDatabase(server.databaseUrl) });
  return newcomer.end;
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

const streams = {
  all: 'subscription ($after: Cursor) { changes(after: $after) { ... on Change { cursor } } }',
  moves: `subscription ($after: Cursor, $customer: ID) {
    stageChanged(after: $after, customer: $customer) { ... on StageChanged { cursor } } }`,
  members: `subscription ($after: Cursor) {
    changes(after: $after, segment: "LIST") { ... on Change { cursor } } }`,
};

type Item = Record<string, { cursor: string }>;

const positionOf = (cursor: string) => Number(cursor.split('.')[1]);
const positionsOf = ({ items }: LiveOperation<Item>) =>
  items.flatMap((item) => Object.values(item).map(({ cursor }) => positionOf(cursor)));

const cursorQuery = '{ workspace { cursor } }';
const cursorOf = async (workspace: TestWorkspace) =>
  (await workspace.query<{ workspace: { cursor: string } }>(cursorQuery)).workspace.cursor;

const idQuery = 'query ($by: CustomerBy!) { customer(by: $by) { id merges { id undoneAt } } }';
interface Found {
  customer: { id: string; merges: Array<{ id: string; undoneAt: string | null }> };
}
const find = async (workspace: TestWorkspace, userId: string) =>
  (await workspace.query<Found>(idQuery, { by: { userId } })).customer;

const moveMutation = `mutation ($customer: ID!, $to: String!) {
  moveCustomer(customer: $customer, to: $to, reason: "r", pin: true) { __typename } }`;

const seconds = (ago: number) => new Date(Date.now() - ago * 1_000).toISOString();

async function connect(url: string, { key }: TestWorkspace) {
  const socket = await openLiveSocket(url, key);
  sockets.push(socket);
  return socket;
}

/** The subscribers who are there all the time. */
async function follow(workspace: TestWorkspace, ids: Record<'a' | 'b', string>) {
  const socket = await connect(server.url, workspace);
  const otherSocket = await connect(newcomer.url, workspace);
  const start = await cursorOf(workspace);
  const subscribe = (text: string, variables: object = {}) =>
    socket.subscribe<Item>(text, { after: start, ...variables });
  const present = {
    all: subscribe(streams.all),
    a: subscribe(streams.moves, { customer: ids.a }),
    b: subscribe(streams.moves, { customer: ids.b }),
    members: subscribe(streams.members),
  };

  /** Waits until the server has read the whole log, so that what follows changes nothing of what was delivered. */
  async function settle() {
    const head = positionOf(await cursorOf(workspace));
    await present.all.until(
      () => head === positionOf(start) || positionsOf(present.all).at(-1) === head,
    );
  }

  /** What resuming from the position delivers, up to the last change that was delivered live. */
  async function resume(from: LiveSocket, stream: 'a' | 'b' | 'members', position: number) {
    const after = `${start.split('.')[0]}.${position}`;
    const last = positionsOf(present[stream]).at(-1) ?? 0;
    const resumed =
      stream === 'members'
        ? from.subscribe<Item>(streams.members, { after })
        : from.subscribe<Item>(streams.moves, { after, customer: ids[stream] });
    if (position < last) await resumed.until(() => (positionsOf(resumed).at(-1) ?? 0) >= last);
    resumed.leave();
    return positionsOf(resumed);
  }

  return { present, settle, resume, socket, otherSocket, start: positionOf(start) };
}

/** A history with moves before, during and after a merge that is undone, and perhaps made again. */
async function play({ isLate, isMergedAgain }: { isLate: boolean; isMergedAgain: boolean }) {
  const workspace = await newWorkspace(server);
  const order = (userId: string, ago = 0) => ({
    type: 'track',
    userId,
    event: 'Order Completed',
    timestamp: seconds(ago),
  });
  await workspace.send([order('a', 900), order('b', 900)]);
  const ids = { a: (await find(workspace, 'a')).id, b: (await find(workspace, 'b')).id };
  await createTestSegment(workspace, { name: 'List' });
  const live = await follow(workspace, ids);
  const { settle } = live;
  const join = (userIds: string[]) => changeList(workspace, 'addSegmentMembers', 'LIST', userIds);
  const leave = (userIds: string[]) =>
    changeList(workspace, 'removeSegmentMembers', 'LIST', userIds);
  const merge = (ago: number) =>
    workspace.send([{ type: 'alias', userId: 'a', previousId: 'b', timestamp: seconds(ago) }]);
  const move = (customer: string, to: string) => workspace.query(moveMutation, { customer, to });

  async function undo() {
    const { merges } = await find(workspace, 'a');
    const merged = merges.find(({ undoneAt }) => undoneAt === null);
    await workspace.query('mutation ($id: ID!) { undoMerge(merge: $id) { __typename } }', {
      id: merged?.id,
    });
  }

  /** The moves of the separated customer after it was removed from the list and added to it again. */
  const moved = { outside: 0, inside: 0 };
  const moveAndNote = async (note: keyof typeof moved, to: string) => {
    await move(ids.b, to);
    moved[note] = positionOf(await cursorOf(workspace));
  };

  const steps: Array<() => Promise<unknown>> = [
    () => join(['a', 'b']),
    () => workspace.send([order('a', 60), order('b', 60)]),
    // An alias that is older than what it merges takes effect after it.
    () => merge(isLate ? 300 : 0),
    () => move(ids.a, 'REACH'),
    () => workspace.send([order('b'), order('b')]),
    () => move(ids.a, 'LOYALTY'),
    undo,
    () => move(ids.a, 'RETENTION'),
    () => leave(['b']),
    () => moveAndNote('outside', 'REACH'),
    () => join(['b']),
    () => moveAndNote('inside', 'RETENTION'),
    ...(isMergedAgain ? [() => merge(isLate ? 300 : 0)] : []),
    () => move(ids.a, 'REACH'),
    ...(isMergedAgain ? [] : [() => move(ids.b, 'LOYALTY')]),
  ];
  for (const step of steps) {
    await step();
    await settle();
  }
  const head = positionOf(await cursorOf(workspace));
  return { ...live, head, moved };
}

const later = (positions: readonly number[], position: number) =>
  positions.filter((one) => one > position);

const histories = [
  { isLate: false, isMergedAgain: false },
  { isLate: true, isMergedAgain: false },
  { isLate: false, isMergedAgain: true },
  { isLate: true, isMergedAgain: true },
];

it.each(histories)(
  'delivers to a stream that resumes anywhere in a history what was delivered live: %j',
  async ({ isLate, isMergedAgain }) => {
    const history = await play({ isLate, isMergedAgain });
    const { present, resume, socket, otherSocket, start, head, moved } = history;
    const live = {
      a: positionsOf(present.a),
      b: positionsOf(present.b),
      members: positionsOf(present.members),
    };
    const either = [...new Set([...live.a, ...live.b])].sort((one, other) => one - other);

    for (let position = start; position <= head; position += 1) {
      const members = later(live.members, position);
      expect(await resume(socket, 'members', position)).toEqual(members);
      expect(await resume(otherSocket, 'members', position)).toEqual(members);
      for (const stream of ['a', 'b'] as const) {
        const moves = later(live[stream], position);
        const resumed = await resume(socket, stream, position);
        expect(resumed).toEqual(later(either, position).filter((one) => resumed.includes(one)));
        expect(resumed).toEqual(isMergedAgain ? expect.arrayContaining(moves) : moves);
        // Both ids name one customer in the end, so that the past moves of either belong to it.
        const expected = isMergedAgain ? later(either, position) : moves;
        expect(await resume(otherSocket, stream, position)).toEqual(expected);
      }
    }
    expect(live.a).not.toEqual(live.b);
    expect(live.a.filter((position) => live.b.includes(position)).length).toBeGreaterThan(1);
    expect(live.members).toContain(moved.inside);
    expect(live.members).not.toContain(moved.outside);
  },
);
