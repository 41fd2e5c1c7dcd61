import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTurnstile } from '../../../src/server/turnstile.ts';

function enter(names: string[]) {
  const turnstile = createTurnstile();
  const passed: string[] = [];
  for (const name of names) void turnstile.pass(name[0] ?? '').then(() => passed.push(name));
  return { turnstile, passed };
}

it('lets the first pass at once, and one more in each turn of the event loop', async () => {
  const { passed } = enter(['a1', 'a2', 'a3']);

  const seen = [];
  for (let turn = 0; turn < 4; turn += 1) {
    await Promise.resolve();
    seen.push(passed.length);
    await nextTurn();
  }

  expect(seen).toEqual([1, 2, 3, 3]);
});

it('goes round by key', async () => {
  const { passed } = enter(['a1', 'a2', 'a3', 'a4', 'b1', 'b2']);

  for (let turn = 0; turn < 7; turn += 1) await nextTurn();

  expect(passed).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'a4']);
});

it('is open again at once when all have passed', async () => {
  const { turnstile, passed } = enter(['a1', 'a2']);
  for (let turn = 0; turn < 4; turn += 1) await nextTurn();

  void turnstile.pass('a').then(() => passed.push('a3'));
  await Promise.resolve();

  expect(passed).toEqual(['a1', 'a2', 'a3']);
});
