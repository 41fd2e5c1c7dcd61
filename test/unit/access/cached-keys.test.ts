import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hashSecret, newApiKey } from '../../../src/access/api-key.ts';
import { createAuthenticator, Unauthenticated } from '../../../src/access/authenticate.ts';
import { createLimits } from '../../../src/access/limits.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import type { Database } from '../../../src/platform/database.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const address = '192.0.2.1';

/** An authenticator for one key, which `revoke` removes without a notification. */
function withKey() {
  const { id, key, secret } = newApiKey('live');
  const row = {
    workspaceId: 'w1',
    secretHash: hashSecret(secret),
    scopes: ['read'],
    validMs: null,
  };
  let stored: object | undefined = row;
  const database = {
    withoutWorkspace: async () => stored,
    inWorkspace: async () => undefined,
  } as unknown as Database;
  const { authenticate, invalidate } = createAuthenticator({
    database,
    adminKey: undefined,
    limits: createLimits(loadConfig({}).limits),
  });
  return {
    use: () => authenticate(key, address),
    invalidate: () => invalidate(id),
    revoke() {
      stored = undefined;
    },
  };
}

it('refuses a revoked key within a second although its notification was lost', async () => {
  const { use, revoke } = withKey();
  await use();
  revoke();

  vi.advanceTimersByTime(999);
  expect(await use()).toMatchObject({ workspaceId: 'w1' });
  vi.advanceTimersByTime(1);
  await expect(use()).rejects.toThrow(Unauthenticated);
});

it('refuses a revoked key that is used all the time', async () => {
  const { use, revoke } = withKey();
  await use();
  revoke();

  const outcomes = [];
  for (let tenths = 1; tenths <= 10; tenths += 1) {
    vi.advanceTimersByTime(100);
    outcomes.push(
      await use().then(
        () => 'accepted',
        () => 'refused',
      ),
    );
  }

  expect(outcomes).toEqual([...Array(9).fill('accepted'), 'refused']);
});

it('refuses a revoked key at once after a notification', async () => {
  const { use, revoke, invalidate } = withKey();
  await use();
  revoke();
  invalidate();

  await expect(use()).rejects.toThrow(Unauthenticated);
});
