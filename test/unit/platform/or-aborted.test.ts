import { expect, it } from 'vitest';
import { orAborted } from '../../../src/platform/or-aborted.ts';

it('returns the result of the work', async () => {
  const { signal } = new AbortController();

  expect(await orAborted(Promise.resolve(1), signal)).toBe(1);
  expect(await orAborted(Promise.resolve(2), undefined)).toBe(2);
});

it("throws the signal's reason when it aborts first", async () => {
  const controller = new AbortController();
  const waiting = orAborted(new Promise(() => undefined), controller.signal);

  controller.abort(new Error('stop'));

  await expect(waiting).rejects.toThrow('stop');
  await expect(orAborted(Promise.resolve(1), controller.signal)).rejects.toThrow('stop');
});
