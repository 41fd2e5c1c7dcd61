import { existsSync, rmSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLifetime, type Lifetime } from '../../src/platform/lifetime.ts';
import { createLog } from '../../src/platform/log.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { exitCodeOf } from '../../src/platform/stop-signals.ts';
import { withDatabase } from './databases.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's URL of the PostgreSQL under test. */
    postgresUrl: string;
    /** The database that each test file clones. */
    templateDatabase: string;
  }
}

/** Starts one PostgreSQL for all files, embedded or that of DATABASE_URL, with a migrated template. */
export default async function setup(project: TestProject) {
  const lifetime = createLifetime();
  const postgresUrl = process.env['DATABASE_URL'] ?? (await startOwn(lifetime));
  const templateDatabase = `stageline_template_${process.pid}`;
  const admin = new pg.Client({ connectionString: postgresUrl });
  await admin.connect();
  lifetime.onEnd(() => admin.end());
  await admin.query(`create database ${templateDatabase}`);
  lifetime.onEnd(() => admin.query(`drop database ${templateDatabase} with (force)`));
  const template = new pg.Client({ connectionString: withDatabase(postgresUrl, templateDatabase) });
  await template.connect();
  await migrate(template);
  await template.end();
  project.provide('postgresUrl', postgresUrl);
  project.provide('templateDatabase', templateDatabase);
  return () => lifetime.end();
}

async function startOwn(lifetime: Lifetime) {
  const dataFolder = await mkdtemp(join(tmpdir(), 'stageline-test-'));
  // When started as root, PostgreSQL runs as another user and must be able to enter the folder.
  await chmod(dataFolder, 0o711);
  lifetime.onEnd(() => rm(dataFolder, { recursive: true, force: true }));
  const postgres = await startEmbeddedPostgres({ dataFolder, log: createLog('warn') });
  lifetime.onEnd(postgres.stop);
  removeOnExit(dataFolder, lifetime);
  return postgres.url;
}

/**
 * On SIGINT and SIGTERM vitest exits without a teardown, and on SIGHUP it would not even exit. The exit signals
 * PostgreSQL; the folder is removed once PostgreSQL has ended.
 */
function removeOnExit(dataFolder: string, lifetime: Lifetime) {
  const exit = () => process.exit(exitCodeOf('SIGHUP'));
  const remove = () => {
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    const lock = join(dataFolder, 'postgres', 'postmaster.pid');
    for (let tries = 0; existsSync(lock) && tries < 200; tries += 1)
      Atomics.wait(sleeper, 0, 0, 25);
    rmSync(dataFolder, { recursive: true, force: true });
  };
  process.once('SIGHUP', exit).once('exit', remove);
  lifetime.onEnd(() => process.off('SIGHUP', exit).off('exit', remove));
}
