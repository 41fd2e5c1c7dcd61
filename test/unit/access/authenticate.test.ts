import { expect, it } from 'vitest';
import { newApiKey } from '../../../src/access/api-key.ts';
import { createAuthenticator, Unauthenticated } from '../../../src/access/authenticate.ts';
import type { Database } from '../../../src/platform/database.ts';

class Asked extends Error {}

/** Any use of the database is the failure the test looks for. */
const untouchable = new Proxy({} as Database, {
  get: () => () => Promise.reject(new Asked('The database was asked')),
});

const adminKey = { key: 'an-admin-key-of-thirty-two-characters', workspaceId: 'w1' };
const authenticator = createAuthenticator({ database: untouchable, adminKey });

const mistyped = (key: string) => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');

it.each([
  ['with a wrong checksum', mistyped(newApiKey('live').key)],
  ['that is cut short', newApiKey('test').key.slice(0, -1)],
  ['of another make', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'],
  ['that is empty', ''],
])('refuses a key %s without asking the database', async (_what, key) => {
  await expect(authenticator.authenticate(key)).rejects.toThrow(Unauthenticated);
});

it('asks the database about a key whose checksum is right', async () => {
  await expect(authenticator.authenticate(newApiKey('live').key)).rejects.toThrow(Asked);
});

it('takes the admin key that is set from outside for an admin, without asking the database', async () => {
  const principal = await authenticator.authenticate(adminKey.key);

  expect(principal).toMatchObject({ workspaceId: 'w1', scopes: ['admin'] });
});

it('knows no admin key where none is set', async () => {
  const bare = createAuthenticator({ database: untouchable, adminKey: undefined });

  await expect(bare.authenticate(adminKey.key)).rejects.toThrow(Unauthenticated);
});

it('asks the database once, however many come with the same key at the same time', async () => {
  let asked = 0;
  const counting = new Proxy({} as Database, {
    get: () => async () => {
      asked += 1;
      return undefined;
    },
  });
  const { authenticate } = createAuthenticator({ database: counting, adminKey: undefined });
  const { key } = newApiKey('live');

  const answers = await Promise.allSettled([
    authenticate(key),
    authenticate(key),
    authenticate(key),
  ]);

  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(asked).toBe(1);
});

it('asks again after a look-up that failed', async () => {
  const { key } = newApiKey('live');

  await expect(authenticator.authenticate(key)).rejects.toThrow(Asked);
  await expect(authenticator.authenticate(key)).rejects.toThrow(Asked);
});
