import { expect, it, vi } from 'vitest';
import { StorageUnavailable } from '../../../src/platform/errors.ts';
import type { Log } from '../../../src/platform/log.ts';
import { createRound } from '../../../src/platform/rounds.ts';

const never = new AbortController().signal;

function roundOf(items: () => Promise<string[]>, run: (item: string) => Promise<boolean>) {
  const log = { warn: vi.fn(), error: vi.fn() };
  const round = createRound({ find: items, run, failure: 'It failed' }, log as unknown as Log);
  return { log, round };
}

const found =
  (...items: string[]) =>
  () =>
    Promise.resolve(items);

it.each([
  [[], false],
  [[false, false], false],
  [[false, true], true],
])(
  'returns whether to continue immediately for items that have more to do or not (%j): %s',
  async (busy, expected) => {
    const answers = [...busy];
    const { round } = roundOf(found(...busy.map(String)), async () => answers.shift() ?? false);

    expect(await round(never)).toBe(expected);
  },
);

it('runs the other items when one fails', async () => {
  const ran: string[] = [];
  const { round, log } = roundOf(found('a', 'b', 'c'), async (item) => {
    if (item === 'a') throw new Error('Refused');
    ran.push(item);
    return item === 'c';
  });

  expect(await round(never)).toBe(true);
  expect(ran).toEqual(['b', 'c']);
  expect(log.error).toHaveBeenCalledWith({ err: new Error('Refused') }, 'It failed');
});

it('logs an outage once, as a warning, and the next one again', async () => {
  let isAway = true;
  const items = async () => {
    if (isAway) throw new StorageUnavailable();
    return ['a'];
  };
  const { round, log } = roundOf(items, async () => false);

  await round(never);
  await round(never);
  expect(log.warn).toHaveBeenCalledTimes(1);
  isAway = false;
  await round(never);
  isAway = true;
  await round(never);

  expect(log.warn).toHaveBeenCalledTimes(2);
  expect(log.error).not.toHaveBeenCalled();
});

it('stops between two items and logs nothing about the interrupted work', async () => {
  const stopping = new AbortController();
  const ran: string[] = [];
  const { round, log } = roundOf(found('a', 'b'), async (item) => {
    ran.push(item);
    stopping.abort();
    throw new Error('Interrupted');
  });

  expect(await round(stopping.signal)).toBe(false);
  expect(ran).toEqual(['a']);
  expect(log.error).not.toHaveBeenCalled();
});
