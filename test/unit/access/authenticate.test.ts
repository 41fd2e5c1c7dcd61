import { describe, expect, it, vi } from 'vitest';
import { hashSecret, newApiKey } from '../../../src/access/api-key.ts';
import {
  type Authenticator,
  createAuthenticator,
  Unauthenticated,
} from '../../../src/access/authenticate.ts';
import { createLimits } from '../../../src/access/limits.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import type { Database } from '../../../src/platform/database.ts';
import { RateLimited } from '../../../src/platform/errors.ts';

class DatabaseQueried extends Error {}

/** Fails the test on any use of the database. */
const untouchable = new Proxy({} as Database, {
  get: () => () => Promise.reject(new DatabaseQueried('The database was queried')),
});

const address = '192.0.2.1';
const unlimited = { ...loadConfig({}).limits, unknownKeys: 0 };
const limits = createLimits(unlimited);

const adminKey = { key: 'an-admin-key-of-thirty-two-characters', workspaceId: 'w1' };
const authenticator = createAuthenticator({ database: untouchable, adminKey, limits });

const mistyped = (key: string) => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');

it.each([
  ['with a wrong checksum', mistyped(newApiKey('live').key)],
  ['that is cut short', newApiKey('test').key.slice(0, -1)],
  ['of another product', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'],
  ['that is empty', ''],
])('refuses a key %s without a database query', async (_what, key) => {
  await expect(authenticator.authenticate(key, address)).rejects.toThrow(Unauthenticated);
});

it('queries the database for a key with a valid checksum', async () => {
  await expect(authenticator.authenticate(newApiKey('live').key, address)).rejects.toThrow(
    DatabaseQueried,
  );
});

it('accepts STAGELINE_ADMIN_KEY as admin without a database query', async () => {
  const principal = await authenticator.authenticate(adminKey.key, address);

  expect(principal).toMatchObject({ workspaceId: 'w1', scopes: ['admin'] });
});

it('accepts no admin key if none is configured', async () => {
  const bare = createAuthenticator({ database: untouchable, adminKey: undefined, limits });

  await expect(bare.authenticate(adminKey.key, address)).rejects.toThrow(Unauthenticated);
});

it('queries the database once for concurrent requests with the same key', async () => {
  let queries = 0;
  const counting = new Proxy({} as Database, {
    get: () => async () => {
      queries += 1;
      return undefined;
    },
  });
  const { authenticate } = createAuthenticator({ database: counting, adminKey: undefined, limits });
  const { key } = newApiKey('live');

  const answers = await Promise.allSettled([
    authenticate(key, address),
    authenticate(key, address),
    authenticate(key, address),
  ]);

  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(queries).toBe(1);
});

it('queries again after a failed look-up', async () => {
  const { key } = newApiKey('live');

  await expect(authenticator.authenticate(key, address)).rejects.toThrow(DatabaseQueried);
  await expect(authenticator.authenticate(key, address)).rejects.toThrow(DatabaseQueried);
});

describe('unknown keys', () => {
  /** Two attempts are allowed; the keys in the database are in `known`. */
  function limited(known: Set<string> = new Set()) {
    const lookups: string[] = [];
    const database = {
      withoutWorkspace: async (id: string) => {
        lookups.push(id);
        return known.has(id)
          ? { workspaceId: 'w1', secretHash: hashSecret('x'.repeat(32)), scopes: [] }
          : undefined;
      },
      inWorkspace: async () => undefined,
    } as unknown as Database;
    const strict = createLimits({ ...unlimited, unknownKeys: 0.4 }, () => 0);
    return { lookups, ...createAuthenticator({ database, adminKey: undefined, limits: strict }) };
  }
  const guess = (authenticate: Authenticator['authenticate'], from = address) =>
    authenticate(newApiKey('live').key, from).catch((error: unknown) => error);

  it('are looked up only up to the limit of an address', async () => {
    const { authenticate, lookups } = limited();

    const outcomes = [];
    for (let i = 0; i < 5; i += 1) outcomes.push(await guess(authenticate));

    expect(outcomes.map((error) => (error as Error).name)).toEqual([
      'Unauthenticated',
      'Unauthenticated',
      'RateLimited',
      'RateLimited',
      'RateLimited',
    ]);
    expect(lookups).toHaveLength(2);
  });

  it('are counted separately for each address', async () => {
    const { authenticate } = limited();
    for (let i = 0; i < 5; i += 1) await guess(authenticate);

    expect(await guess(authenticate, '192.0.2.2')).toBeInstanceOf(Unauthenticated);
  });

  it('are not counted if they turn out to exist', async () => {
    const { id, key } = newApiKey('live');
    const known = new Set([id]);
    const { authenticate } = limited(known);
    await authenticate(key, address).catch(() => undefined);

    expect(await guess(authenticate)).toBeInstanceOf(Unauthenticated);
    expect(await guess(authenticate)).toBeInstanceOf(Unauthenticated);
    expect(await guess(authenticate)).toBeInstanceOf(RateLimited);
  });
});

it('refuses a key that expires while it is cached', async () => {
  const { key, secret } = newApiKey('live');
  const row = { workspaceId: 'w1', secretHash: hashSecret(secret), scopes: ['read'], validMs: 500 };
  const database = new Proxy({} as Database, { get: () => async () => row });
  const { authenticate } = createAuthenticator({ database, adminKey: undefined, limits });
  vi.useFakeTimers();
  try {
    expect(await authenticate(key, address)).toMatchObject({ workspaceId: 'w1' });
    vi.advanceTimersByTime(499);
    expect(await authenticate(key, address)).toMatchObject({ workspaceId: 'w1' });
    vi.advanceTimersByTime(1);
    await expect(authenticate(key, address)).rejects.toThrow(Unauthenticated);
  } finally {
    vi.useRealTimers();
  }
});
