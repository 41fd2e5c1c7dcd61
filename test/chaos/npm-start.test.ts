import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  cleanUp,
  createFolder,
  isProcessAlive,
  postmasterOf,
  waitUntil,
} from '../support/embedded-owners.ts';
import { endNpmScripts, runNpm } from '../support/npm-script.ts';

const stopMs = 10_000;
const testOptions = { timeout: 60_000 };

let folder: string;
beforeAll(async () => {
  folder = await createFolder();
});
afterEach(endNpmScripts);
afterAll(cleanUp, 30_000);

const npmStart = () =>
  runNpm(['start'], { STAGELINE_DATA: folder, PORT: '0', STAGELINE_DEMO: 'off' });

function canListenOn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

// One folder for all cases: each start verifies that the previous stop left it usable.
it.each<[string, (npm: number) => void, number | null]>([
  ['SIGTERM to npm', (npm) => process.kill(npm, 'SIGTERM'), 0],
  ['SIGINT to npm', (npm) => process.kill(npm, 'SIGINT'), 0],
  ['Ctrl-C, a SIGINT to every process', (npm) => process.kill(-npm, 'SIGINT'), 0],
  ['SIGHUP to npm, which npm does not forward', (npm) => process.kill(npm, 'SIGHUP'), null],
  ['a closed terminal, a SIGHUP to every process', (npm) => process.kill(-npm, 'SIGHUP'), null],
  ['SIGKILL of npm', (npm) => process.kill(npm, 'SIGKILL'), null],
])('ends every process of npm start after %s', testOptions, async (_name, signal, code) => {
  const script = npmStart();
  const [, port] = await script.waitForOutput(/ready at http:\S+:(\d+)/);
  const family = await script.processes();
  expect(family).toContain(await postmasterOf(folder));

  signal(script.npm);

  expect((await script.ended).code).toBe(code);
  await waitUntil(() => !family.some(isProcessAlive), stopMs);
  expect(await canListenOn(Number(port))).toBe(true);
  // An orderly stop removes the lock file of PostgreSQL; an abandoned one keeps it.
  await expect(postmasterOf(folder)).rejects.toThrow('ENOENT');
});

it('leaves no PostgreSQL behind when it is stopped while it starts', testOptions, async () => {
  const script = npmStart();
  await waitUntil(async () => (await postmasterOf(folder)) > 0, 30_000);
  const family = await script.processes();

  process.kill(script.npm, 'SIGTERM');

  await waitUntil(() => !family.some(isProcessAlive), stopMs);
});
