import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createIngestGap } from '../../../src/entrypoints/server/ingest-gap.ts';
import { createStartQueue } from '../../../src/entrypoints/server/start-queue.ts';

const isHere = () => false;

function enter(names: string[], isIngesting = () => false) {
  const startQueue = createStartQueue(createIngestGap(isIngesting));
  const passed: string[] = [];
  for (const name of names)
    void startQueue.waitForTurn(name[0] ?? '', isHere).then(() => passed.push(name));
  return { startQueue, passed };
}

it('lets one pass in each turn of the event loop', async () => {
  const { passed } = enter(['a1', 'a2', 'a3']);

  const gained = [];
  for (let before = 0; passed.length < 3; before = passed.length) {
    await nextTurn();
    gained.push(passed.length - before);
  }

  expect(Math.max(...gained)).toBe(1);
});

it('goes round by key', async () => {
  const { startQueue, passed } = enter(['a1', 'a2', 'a3', 'a4', 'b1', 'b2']);

  await startQueue.waitForTurn('a', isHere);

  expect(passed).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'a4']);
});

it('waits for a gap in ingestion', async () => {
  let ingesting = true;
  const { startQueue, passed } = enter(['a1'], () => ingesting);
  await nextTurn();
  const before = [...passed];

  ingesting = false;
  await startQueue.waitForTurn('b', isHere);

  expect([before, passed]).toEqual([[], ['a1']]);
});

it('does not wait for ever while events come without end', async () => {
  const { startQueue } = enter([], () => true);

  await expect(startQueue.waitForTurn('a', isHere)).resolves.toBeUndefined();
});

it('is open again when all have passed', async () => {
  const { startQueue, passed } = enter(['a1', 'a2']);
  await startQueue.waitForTurn('b', isHere);
  await nextTurn();

  await startQueue.waitForTurn('a', isHere);

  expect(passed).toEqual(['a1', 'a2']);
});

it('lets clients that have left pass without a turn', async () => {
  const { startQueue, passed } = enter(['a1']);
  const left = Array.from({ length: 1_000 }, () => startQueue.waitForTurn('a', () => true));
  let turns = 0;

  const all = Promise.all(left).then(() => 'all');
  while ((await Promise.race([all, nextTurn('not yet')])) !== 'all') turns += 1;

  expect(passed).toEqual(['a1']);
  expect(turns).toBeLessThan(10);
});
