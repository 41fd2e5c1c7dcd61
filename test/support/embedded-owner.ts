import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';

// Owns an embedded PostgreSQL in its own process, so that a test can kill it.
const [dataFolder = '', level = 'silent'] = process.argv.slice(2);
const send = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
const began = performance.now();

try {
  const { url, stop } = await startEmbeddedPostgres({ dataFolder, log: createLog(level) });
  process.once('SIGTERM', () => stop().then(() => process.exit(0)));
  send({ url, milliseconds: performance.now() - began });
} catch (error) {
  const { code, message } = error as Error & { code?: string };
  send({ code, message, milliseconds: performance.now() - began });
  process.exit(1);
}
