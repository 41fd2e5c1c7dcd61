import { expect, it } from 'vitest';
import { createGroupCommit } from '../../../src/engine/ingestion/group-commit.ts';
import { Overloaded, StorageUnavailable } from '../../../src/platform/errors.ts';

/** A store that records its groups and returns each item as its result. */
function startStore(change: { maxItems?: number; maxBacklog?: number } = {}) {
  const groups: Array<{ key: string; items: string[] }> = [];
  const gates: Array<PromiseWithResolvers<void>> = [];
  let held = false;
  const group = createGroupCommit<string, string>({
    gatherMs: 1,
    maxItems: 100,
    maxBacklog: 100,
    ...change,
    commit: async (key, items) => {
      groups.push({ key, items });
      if (held) {
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        await gate.promise;
      }
      if (items.includes('bad')) throw new Error('A bad item');
      if (items.includes('away')) throw new StorageUnavailable();
      return items.map((item) => `${item}!`);
    },
  });
  return {
    ...group,
    groups,
    hold: () => {
      held = true;
    },
    release: () => {
      held = false;
      for (const gate of gates.splice(0)) gate.resolve();
    },
  };
}

it('groups concurrent requests and returns each its own results in order', async () => {
  const store = startStore();

  const answers = await Promise.all([
    store.submit('w', ['a', 'b']),
    store.submit('w', ['c']),
    store.submit('w', []),
    store.submit('w', ['d', 'e']),
  ]);

  expect(answers).toEqual([['a!', 'b!'], ['c!'], [], ['d!', 'e!']]);
  expect(store.groups).toEqual([{ key: 'w', items: ['a', 'b', 'c', 'd', 'e'] }]);
});

it('groups requests that arrive while a group is being stored', async () => {
  const store = startStore();
  store.hold();
  const first = store.submit('w', ['a']);
  await expect.poll(() => store.groups.length).toBe(1);

  const later = [store.submit('w', ['b']), store.submit('w', ['c'])];
  store.release();
  await Promise.all([first, ...later]);

  expect(store.groups.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
});

it('splits groups at the maximum size, but never a request', async () => {
  const store = startStore({ maxItems: 3 });

  await Promise.all(
    [['a', 'b'], ['c', 'd'], ['e'], ['f', 'g', 'h', 'i'], ['j']].map((items) =>
      store.submit('w', items),
    ),
  );

  expect(store.groups.map(({ items }) => items.join(''))).toEqual(['ab', 'cde', 'fghi', 'j']);
});

it('keeps keys separate, so that none waits for another', async () => {
  const store = startStore();
  store.hold();

  const both = [store.submit('v', ['a']), store.submit('w', ['b'])];
  await expect.poll(() => store.groups.length).toBe(2);
  store.release();
  await Promise.all(both);

  expect(store.groups.map(({ key }) => key).sort()).toEqual(['v', 'w']);
});

it('fails only the request that is invalid', async () => {
  const store = startStore();

  const answers = await Promise.allSettled([
    store.submit('w', ['a']),
    store.submit('w', ['bad', 'b']),
    store.submit('w', ['c']),
  ]);

  expect(answers).toMatchObject([
    { status: 'fulfilled', value: ['a!'] },
    { status: 'rejected', reason: { message: 'A bad item' } },
    { status: 'fulfilled', value: ['c!'] },
  ]);
});

it('does not retry single requests when the database is unavailable', async () => {
  const store = startStore();

  const answers = await Promise.allSettled([store.submit('w', ['a']), store.submit('w', ['away'])]);

  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(store.groups).toHaveLength(1);
});

it('refuses items beyond the capacity, and frees capacity after responses', async () => {
  const store = startStore({ maxBacklog: 5 });
  store.hold();
  const held = [store.submit('v', ['a', 'b', 'c']), store.submit('w', ['bad'])];

  await expect(store.submit('x', ['d', 'e'])).rejects.toBeInstanceOf(Overloaded);
  const last = store.submit('x', ['d']);
  await expect(store.submit('y', ['e'])).rejects.toBeInstanceOf(Overloaded);
  await expect.poll(() => store.groups.length).toBe(3);
  store.release();
  await Promise.allSettled([...held, last]);

  expect(await last).toEqual(['d!']);
  expect(await store.submit('w', ['a', 'b', 'c', 'd', 'e'])).toHaveLength(5);
  await expect(store.submit('w', ['a', 'b', 'c', 'd', 'e', 'f'])).rejects.toBeInstanceOf(
    Overloaded,
  );
});

it('reserves capacity for other keys', async () => {
  const store = startStore({ maxBacklog: 12 });
  store.hold();
  const fill = async (key: string) => {
    const sent: Promise<unknown>[] = [];
    let isFull = false;
    while (!isFull && sent.length < 20) {
      const one = store.submit(key, [key]);
      isFull = await Promise.race([
        one.then(
          () => false,
          (error) => error instanceof Overloaded,
        ),
        new Promise<boolean>((resolve) => setImmediate(resolve, false)),
      ]);
      if (!isFull) sent.push(one);
    }
    return sent;
  };

  const first = await fill('v');
  const second = await fill('w');
  const third = await fill('x');

  expect([first, second, third].map(({ length }) => length)).toEqual([6, 3, 2]);
  store.release();
  await Promise.all([...first, ...second, ...third]);
  expect(
    await store.submit(
      'w',
      Array.from({ length: 12 }, () => 'w'),
    ),
  ).toHaveLength(12);
});

it('is idle after all responses, failures included', async () => {
  const store = startStore();
  const answered: string[] = [];
  const submit = (item: string) =>
    store.submit('w', [item]).then(
      () => answered.push(item),
      () => answered.push(item),
    );

  const submitted = [submit('a'), submit('bad'), submit('b')];
  await store.idle();
  await Promise.all(submitted);

  expect(answered.sort()).toEqual(['a', 'b', 'bad']);
  await expect(store.idle()).resolves.toBeUndefined();
});
