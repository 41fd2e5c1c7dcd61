import { expect, it } from 'vitest';
import { createLifetime } from '../../../src/platform/lifetime.ts';

it('closes what was opened last first, each after the other', async () => {
  const lifetime = createLifetime();
  const closed: string[] = [];
  const step = (name: string) => async () => {
    closed.push(`${name} begins`);
    await Promise.resolve();
    closed.push(`${name} ends`);
  };
  lifetime.onEnd(step('pool'));
  lifetime.onEnd(step('server'));

  await lifetime.end();

  expect(closed).toEqual(['server begins', 'server ends', 'pool begins', 'pool ends']);
});

it('runs every step even if some fail, and says all that failed', async () => {
  const lifetime = createLifetime();
  const closed: string[] = [];
  lifetime.onEnd(() => closed.push('first'));
  lifetime.onEnd(() => Promise.reject(new Error('second')));
  lifetime.onEnd(() => {
    throw new Error('third');
  });

  const end = lifetime.end();

  await expect(end).rejects.toMatchObject({
    message: 'Shutdown failed',
    errors: [new Error('third'), new Error('second')],
  });
  expect(closed).toEqual(['first']);
});

it('ends once, and lets everybody wait for it', async () => {
  const lifetime = createLifetime();
  const { promise, resolve } = Promise.withResolvers<void>();
  let ended = 0;
  lifetime.onEnd(async () => {
    await promise;
    ended += 1;
  });

  const both = [lifetime.end(), lifetime.end()];
  resolve();
  await Promise.all(both);
  await lifetime.end();

  expect(ended).toBe(1);
});
