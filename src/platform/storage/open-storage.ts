import type { Config } from '../config.ts';
import { type Database, openDatabase } from '../database.ts';
import { type Databases, openDatabases } from '../databases.ts';
import { findRunningEmbeddedPostgres, startEmbeddedPostgres } from '../embedded-postgres/start.ts';
import { keepStatistics } from '../keep-statistics.ts';
import type { Lifetime } from '../lifetime.ts';
import type { Log } from '../log.ts';
import { assertOrdinaryLogin, prepareDatabase, requireConnections } from '../prepare-database.ts';
import { requireReachable } from '../unreachable-database.ts';

/** A command does one thing at a time, and looks something up meanwhile. */
const commandPoolSize = 2;

interface StorageOptions {
  config: Pick<Config, 'databaseUrl' | 'dataFolder' | 'poolSize'>;
  lifetime: Lifetime;
  log: Log;
}

/** Opens the database that the configuration means, migrated, through a login that policies bind. */
export async function openStorage({ config, lifetime, log }: StorageOptions): Promise<Databases> {
  const url = config.databaseUrl ?? (await startOwn(config.dataFolder, lifetime, log));
  const serving = await prepare(url);
  await requireConnections(serving, config.poolSize);
  const databases = openDatabases(serving, config.poolSize);
  lifetime.onEnd(databases.end);
  lifetime.onEnd(keepStatistics({ database: databases.jobs, ownerUrl: url, log }).stop);
  return databases;
}

/** The same for a command beside a running server, whose embedded database is then shared. */
export async function openStorageBeside(options: StorageOptions): Promise<Database> {
  const { config, lifetime } = options;
  const running = config.databaseUrl ?? (await findRunningEmbeddedPostgres(config.dataFolder));
  if (!running) return (await openStorage(options)).jobs;
  const database = openDatabase(await prepare(running), { poolSize: commandPoolSize });
  lifetime.onEnd(database.end);
  return database;
}

async function startOwn(dataFolder: string, lifetime: Lifetime, log: Log) {
  const postgres = await startEmbeddedPostgres({ dataFolder, log });
  lifetime.onEnd(postgres.stop);
  return postgres.url;
}

async function prepare(url: string): Promise<string> {
  await requireReachable(url);
  const serving = await prepareDatabase(url);
  await assertOrdinaryLogin(serving);
  return serving;
}
