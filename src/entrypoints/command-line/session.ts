import { type Config, loadConfig } from '../../platform/config.ts';
import type { Database } from '../../platform/database.ts';
import { createLifetime, type Lifetime } from '../../platform/lifetime.ts';
import { createLog } from '../../platform/log.ts';
import { orAborted } from '../../platform/or-aborted.ts';
import { openStorageForCommand } from '../../platform/storage/open-storage.ts';
import { withInterruption } from './interruption.ts';

/** The resources of a command: the database of the configured server, whether it is running or not. */
export interface Session {
  config: Config;
  database: Database;
  /** Ends when the command ends or fails. */
  lifetime: Lifetime;
  /** Aborts when the command is interrupted. */
  signal: AbortSignal;
}

/** Runs a command with the database; `advice` says what to do after an interruption. */
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
  const database = await openStorageForCommand({ config, lifetime, log });
  return work({ config, database, lifetime, signal });
}
