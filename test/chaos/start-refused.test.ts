import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { cleanUp, createFolder } from '../support/embedded-owners.ts';
import { type Environment, endServers, spawnServer } from '../support/server-process.ts';

const testOptions = { timeout: 60_000 };
const occupied = createServer();

let folder: string;
let takenPort: string;
beforeAll(async () => {
  folder = await createFolder();
  await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve));
  takenPort = String((occupied.address() as { port: number }).port);
});
afterEach(endServers);
afterAll(async () => {
  occupied.close();
  await cleanUp();
}, 30_000);

// The setting, and the expected parts of the only line on standard error.
it.each<[string, () => Environment, string[]]>([
  ['a port in use', () => ({ PORT: takenPort }), ['is in use', 'PORT']],
  ['an address of another machine', () => ({ STAGELINE_HOST: '203.0.113.7' }), ['203.0.113.7']],
  [
    'a database that does not listen',
    () => ({ DATABASE_URL: 'postgresql://someone:secret-word@127.0.0.1:1/orders' }),
    ['"orders" at 127.0.0.1:1 as user "someone"', 'ECONNREFUSED', 'DATABASE_URL'],
  ],
  ['an invalid database URL', () => ({ DATABASE_URL: 'orders' }), ['postgresql://user:password@']],
  [
    'a data folder that is a file',
    () => ({ STAGELINE_DATA: join(import.meta.dirname, 'start-refused.test.ts') }),
    ['start-refused.test.ts', 'STAGELINE_DATA'],
  ],
])(
  'does not start with %s and says what to change',
  testOptions,
  async (_name, environment, parts) => {
    const { ended } = spawnServer(join(folder, 'data'), environment());

    const { code, errors } = await ended;

    expect(code).toBe(1);
    for (const part of parts) expect(errors).toContain(part);
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(errors).not.toContain('secret-word');
  },
);
