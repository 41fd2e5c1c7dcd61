import { buildSchema, parse } from 'graphql';
import { expect, it } from 'vitest';
import type { Principal } from '../../../src/access/principal.ts';
import { executeItems } from '../../../src/entrypoints/server/live/execute-items.ts';
import type { OperationContext } from '../../../src/entrypoints/server/live/operation-context.ts';
import {
  createSharedSnapshots,
  type SharedSnapshots,
} from '../../../src/entrypoints/server/live/shared-snapshots.ts';
import { StorageUnavailable } from '../../../src/platform/errors.ts';

const schema = buildSchema('type Query { read: Int, fail: Int, failStorage: Int }');

interface Snapshot {
  principal: Principal | undefined;
  /** The items read in it. */
  read: unknown[];
  ended: boolean;
  hasFailed: boolean;
}

/** Operations read from snapshots that the test sees. A failed statement fails all that follow in it. */
function setUp() {
  const snapshots: Snapshot[] = [];
  const shared = createSharedSnapshots((principal) => {
    const snapshot: Snapshot = { principal, read: [], ended: false, hasFailed: false };
    snapshots.push(snapshot);
    return {
      snapshot,
      hasFailed: () => snapshot.hasFailed,
      async end() {
        snapshot.ended = true;
      },
    } as unknown as OperationContext;
  });
  return { snapshots, shared };
}

const readItem =
  (item: unknown) =>
  (_args: unknown, { snapshot }: { snapshot: Snapshot }) => {
    snapshot.read.push(item);
    if (snapshot.hasFailed) throw new Error('The transaction is aborted');
    return item;
  };

const failWith =
  (error: Error) =>
  (_args: unknown, { snapshot }: { snapshot: Snapshot }) => {
    snapshot.hasFailed = true;
    throw error;
  };

/** An item with the values of all fields. */
const itemOf = (item: number) => ({
  read: readItem(item),
  fail: failWith(new Error('broken')),
  failStorage: failWith(new StorageUnavailable()),
});

const principal = (workspaceId: string, scopes: Principal['scopes'] = ['read']): Principal => ({
  workspaceId,
  keyId: 'k',
  scopes,
});

const run = (
  shared: SharedSnapshots,
  items: number[],
  { field = 'read', caller = principal('w') }: { field?: string; caller?: Principal } = {},
) =>
  shared.run(
    caller,
    (context) =>
      executeItems({ schema, document: parse(`{ ${field} }`) }, items.map(itemOf), context),
    items.length,
  );

const dataOf = (results: ReadonlyArray<{ data?: unknown }>) => results.map(({ data }) => data);

it('executes operations of several groups in one snapshot', async () => {
  const { snapshots, shared } = setUp();

  const results = await Promise.all([run(shared, [1, 2]), run(shared, [3]), run(shared, [4])]);

  expect(results.map(dataOf)).toEqual([[{ read: 1 }, { read: 2 }], [{ read: 3 }], [{ read: 4 }]]);
  expect(snapshots).toMatchObject([{ read: [1, 2, 3, 4], ended: true }]);
});

it.each<[string, Principal]>([
  ['another workspace', principal('other')],
  ['other scopes', principal('w', ['read', 'write'])],
])('never shares a snapshot with %s', async (_what, caller) => {
  const { snapshots, shared } = setUp();

  await Promise.all([run(shared, [1]), run(shared, [2], { caller })]);

  expect(snapshots).toMatchObject([
    { principal: principal('w'), read: [1] },
    { principal: caller, read: [2] },
  ]);
});

it('opens a new snapshot for operations that come later', async () => {
  const { snapshots, shared } = setUp();

  await run(shared, [1]);
  await run(shared, [2]);

  expect(snapshots.map(({ read }) => read)).toEqual([[1], [2]]);
});

it('repeats each operation alone when one has failed their transaction', async () => {
  const { snapshots, shared } = setUp();

  const [first, broken, last] = await Promise.all([
    run(shared, [1]),
    run(shared, [2], { field: 'fail' }),
    run(shared, [3]),
  ]);

  expect(dataOf(first)).toEqual([{ read: 1 }]);
  expect(broken).toMatchObject([{ data: { fail: null }, errors: [{ message: 'broken' }] }]);
  expect(dataOf(last)).toEqual([{ read: 3 }]);
  expect(snapshots.slice(1).map(({ read }) => read)).toEqual([[1], [], [3]]);
  expect(snapshots.every(({ ended }) => ended)).toBe(true);
});

it('rejects with the error of the storage, so that nothing is delivered', async () => {
  const { shared } = setUp();

  const outcomes = await Promise.allSettled([
    run(shared, [1], { field: 'failStorage' }),
    run(shared, [2]),
  ]);

  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: expect.any(StorageUnavailable) },
    { status: 'fulfilled', value: [{ data: { read: 2 } }] },
  ]);
});

it('bounds what shares a snapshot, and executes an operation of any size', async () => {
  const { snapshots, shared } = setUp();
  const many = Array.from({ length: 1_500 }, (_, index) => index);

  const results = await Promise.all([run(shared, many), run(shared, [1]), run(shared, [2])]);

  expect(results.map(({ length }) => length)).toEqual([1_500, 1, 1]);
  expect(snapshots.map(({ read }) => read.length).toSorted((a, b) => a - b)).toEqual([2, 1_500]);
});
