import { createAuthenticator } from './access/authenticate.ts';
import { createLimits } from './access/limits.ts';
import {
  ensureDemoWorkspace,
  ensureFirstWorkspace,
} from './domains/lifecycles/provision-workspace.ts';
import { domains } from './domains.ts';
import { hasCustomers } from './engine/customers/has-customers.ts';
import { installExtensions } from './engine/extensions.ts';
import { claimDemo } from './entrypoints/demo/claim-demo.ts';
import { ensureDemoKey } from './entrypoints/demo/demo-key.ts';
import { runDemo } from './entrypoints/demo/run-demo.ts';
import { type Banner, banner } from './entrypoints/server/banner.ts';
import { type RunningServer, startServer } from './entrypoints/server/start-server.ts';
import { type Config, loadConfig } from './platform/config.ts';
import type { Databases } from './platform/databases.ts';
import { createLifetime, type Lifetime } from './platform/lifetime.ts';
import { createLog, type Log } from './platform/log.ts';
import { removeServerNote, writeServerNote } from './platform/server-note.ts';
import { onStopSignals } from './platform/stop-signals.ts';
import { openStorage } from './platform/storage/open-storage.ts';
import { systemClock } from './platform/time/clock.ts';

const drainMs = 9_500;

async function main() {
  const lifetime = createLifetime();
  try {
    installExtensions(domains.map(({ extension }) => extension));
    const config = loadConfig();
    const log = createLog(config.logLevel);
    stopOnSignals(lifetime, log);
    // A bug to report, but no reason to drop all connections.
    process.on('unhandledRejection', (error) => {
      log.error({ err: error }, 'Unhandled promise rejection');
    });
    await start(config, lifetime, log);
  } catch (error) {
    await lifetime.end().catch(() => undefined);
    // The message only: the stack does not help the user.
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function start(config: Config, lifetime: Lifetime, log: Log) {
  const databases = await openStorage({ config, lifetime, log });
  const first = await ensureFirstWorkspace(databases.jobs);
  const adminKey = config.adminKey ? { key: config.adminKey, workspaceId: first.id } : undefined;
  const server = await startServer({
    domains,
    config,
    databases,
    log,
    now: systemClock,
    lifetime,
    adminKey,
  });
  await server.warmUp(first.id);
  await writeServerNote(config.dataFolder, { url: server.url, pid: process.pid });
  lifetime.onEnd(() => removeServerNote(config.dataFolder));
  const offersDemo = config.demo && !(await hasCustomers(databases.jobs, first.id));
  const demo = offersDemo ? await startDemo(config, { databases, server, lifetime, log }) : {};
  const details: Banner = {
    url: server.url,
    workspace: first.name,
    hasAdminKey: adminKey !== undefined,
    ...demo,
  };
  process.stdout.write(banner(details));
}

/** Runs a simulated shop in its own workspace, so that there is data to look at after the first start. */
async function startDemo(
  { dataFolder, limits: limitsOfConfig }: Config,
  parts: { databases: Databases; server: RunningServer; lifetime: Lifetime; log: Log },
) {
  const { server, lifetime, log } = parts;
  const database = parts.databases.jobs;
  const { id } = await ensureDemoWorkspace(database);
  const limits = createLimits(limitsOfConfig);
  const authenticator = createAuthenticator({ database, adminKey: undefined, limits });
  const demoKey = await ensureDemoKey({ database, authenticator, workspaceId: id, dataFolder });
  const claim = await claimDemo(database);
  if (!claim) return { demoKey };
  lifetime.onEnd(claim.release);
  const ending = new AbortController();
  const send = (calls: object[]) => server.ingest.ingest(id, calls, { now: systemClock() });
  const running = runDemo({
    send,
    signal: ending.signal,
    secondsPerWeek: 10,
    onError: (error) => log.debug({ err: error }, 'Demo events were refused'),
  });
  lifetime.onEnd(() => {
    ending.abort();
    return running;
  });
  return { demoKey };
}

/** The first signal drains the server within ten seconds; a second one exits immediately. */
function stopOnSignals(lifetime: Lifetime, log: Log) {
  const stop = () => {
    setTimeout(() => process.exit(1), drainMs).unref();
    lifetime.end().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, 'Shutdown failed');
        process.exit(1);
      },
    );
  };
  onStopSignals({ stop, stopNow: () => process.exit(1) });
}

await main();
