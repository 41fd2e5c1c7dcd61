import { type Config, loadConfig } from '../../platform/config.ts';
import type { Database } from '../../platform/database.ts';
import { createLifetime, type Lifetime } from '../../platform/lifetime.ts';
import { createLog } from '../../platform/log.ts';
import { orAborted } from '../../platform/or-aborted.ts';
import { openStorageBeside } from '../../platform/storage/open-storage.ts';
import { withInterruption } from './interruption.ts';

/** What a command works on: the database the server of this configuration uses, running or not. */
export interface Session {
  config: Config;
  database: Database;
  /** Ends with the command, however it ends. */
  lifetime: Lifetime;
  /** Aborts when the command is interrupted. */
  signal: AbortSignal;
}

/** Runs a command that needs the database; `advice` says how to go on after an interruption. */
export const inSession = <T>(work: (session: Session) => Promise<T>, advice?: string): Promise<T> =>
  withInterruption(async (signal) => {
    const lifetime = createLifetime();
    try {
      return await orAborted(runWith(lifetime, signal, work), signal);
    } finally {
      await lifetime.end();
    }
  }, advice);

async function runWith<T>(
  lifetime: Lifetime,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
) {
  const config = loadConfig();
  const log = createLog(config.logLevel);
  const database = await openStorageBeside({ config, lifetime, log });
  return work({ config, database, lifetime, signal });
}
