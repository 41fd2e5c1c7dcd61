import type { Config } from '../config.ts';
import { type Database, openDatabase } from '../database.ts';
import { type Databases, openDatabases } from '../databases.ts';
import { findRunningEmbeddedPostgres, startEmbeddedPostgres } from '../embedded-postgres/start.ts';
import type { Lifetime } from '../lifetime.ts';
import type { Log } from '../log.ts';
import { assertOrdinaryLogin, prepareDatabase, requireConnections } from '../prepare-database.ts';
import { refreshStatistics } from '../refresh-statistics.ts';
import { requireReachable } from '../unreachable-database.ts';

/** A command runs one statement, and one look-up at the same time. */
const commandPoolSize = 2;

interface StorageOptions {
  config: Pick<Config, 'databaseUrl' | 'dataFolder' | 'poolSize'>;
  lifetime: Lifetime;
  log: Log;
}

/** Opens the configured database and migrates it. Connects with a login that row-level security applies to. */
export async function openStorage({ config, lifetime, log }: StorageOptions): Promise<Databases> {
  const url = config.databaseUrl ?? (await startEmbedded(config.dataFolder, lifetime, log));
  const serving = await prepare(url);
  await requireConnections(serving, config.poolSize);
  const databases = openDatabases(serving, config.poolSize);
  lifetime.onEnd(databases.end);
  lifetime.onEnd(refreshStatistics({ database: databases.jobs, ownerUrl: url, log }).stop);
  return databases;
}

/** Opens the database for a command, and shares the embedded PostgreSQL of a running server. */
export async function openStorageForCommand(options: StorageOptions): Promise<Database> {
  const { config, lifetime } = options;
  const running = config.databaseUrl ?? (await findRunningEmbeddedPostgres(config.dataFolder));
  if (!running) return (await openStorage(options)).jobs;
  const database = openDatabase(await prepare(running), { poolSize: commandPoolSize });
  lifetime.onEnd(database.end);
  return database;
}

async function startEmbedded(dataFolder: string, lifetime: Lifetime, log: Log) {
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
