import type { Config } from './config.ts';
import { type Database, openDatabase } from './database.ts';
import { findRunningEmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { keepStatistics } from './keep-statistics.ts';
import type { Lifetime } from './lifetime.ts';
import type { Log } from './log.ts';
import { assertOrdinaryLogin, prepareDatabase } from './prepare-database.ts';

interface StorageOptions {
  config: Pick<Config, 'databaseUrl' | 'dataFolder' | 'poolSize'>;
  lifetime: Lifetime;
  log: Log;
}

/** Opens the database that the configuration means, migrated, through a login that policies bind. */
export async function openStorage({ config, lifetime, log }: StorageOptions): Promise<Database> {
  const url = config.databaseUrl ?? (await startOwn(config.dataFolder, lifetime, log));
  const database = await open(url, config, lifetime);
  lifetime.onEnd(keepStatistics({ database, ownerUrl: url, log }).stop);
  return database;
}

/** The same for a command beside a running server, whose embedded database is then shared. */
export async function openStorageBeside(options: StorageOptions): Promise<Database> {
  const { config, lifetime } = options;
  const running = config.databaseUrl ?? (await findRunningEmbeddedPostgres(config.dataFolder));
  return running ? open(running, config, lifetime) : openStorage(options);
}

async function startOwn(dataFolder: string, lifetime: Lifetime, log: Log) {
  const postgres = await startEmbeddedPostgres({ dataFolder, log });
  lifetime.onEnd(postgres.stop);
  return postgres.url;
}

async function open(url: string, { poolSize }: { poolSize: number }, lifetime: Lifetime) {
  const serving = await prepareDatabase(url);
  await assertOrdinaryLogin(serving);
  const database = openDatabase(serving, { poolSize });
  lifetime.onEnd(database.end);
  return database;
}
