import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as elapsed } from 'node:timers/promises';
import { createKey } from '../../src/access/keys.ts';
import { provisionWorkspace } from '../../src/domains/lifecycles/provision-workspace.ts';
import { type Database, openDatabase } from '../../src/platform/database.ts';
import { findRunningEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLifetime } from '../../src/platform/lifetime.ts';
import { prepareDatabase } from '../../src/platform/prepare-database.ts';
import { readServerNote } from '../../src/platform/server-note.ts';
import { createOwnDatabase } from './own-database.ts';
import { cpuSeconds, residentMegabytes } from './process-usage.ts';

export const projectFolder = dirname(dirname(import.meta.dirname));
export const benchAdminKey = 'the-admin-key-of-a-benchmark-is-no-secret';

/** A server started like `npm start`, on an empty database. */
export interface BenchServer {
  url: string;
  /** The URL of its database, with at least the privileges of the owner of the tables. */
  databaseUrl: string;
  /** The environment with which a command finds this server. */
  environment: NodeJS.ProcessEnv;
  /** The benchmark's own connections to the same database. */
  database: Database;
  /** Resident memory of the server process, without PostgreSQL, in MB (10^6 bytes). */
  memory(): Promise<number>;
  /** CPU time of the server process, without PostgreSQL; NaN where it cannot be read. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

export interface ServerRequest {
  /** Uses this database instead of creating one. */
  databaseUrl?: string;
  /** The folder to which Node writes a CPU profile of the server. */
  cpuProfile?: string | undefined;
  /** Settings of the server beside those of every benchmark. */
  settings?: NodeJS.ProcessEnv | undefined;
}

export async function startBenchServer(request: ServerRequest): Promise<BenchServer> {
  const lifetime = createLifetime();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'stageline-bench-'));
    lifetime.onEnd(() => rm(folder, { recursive: true, force: true }));
    // When started as root, PostgreSQL runs as another user and must be able to enter the folder.
    await chmod(folder, 0o711);
    const given = request.databaseUrl ?? (await ownDatabase(lifetime));
    const environment = environmentOf(join(folder, 'data'), given, request.settings);
    const child = await launch(environment, request.cpuProfile);
    lifetime.onEnd(() => end(child));
    const url = await untilServing(child, join(folder, 'data'));
    const databaseUrl = given ?? (await findRunningEmbeddedPostgres(join(folder, 'data')));
    if (!databaseUrl) throw new Error('The embedded database of the server was not found');
    const database = openDatabase(await prepareDatabase(databaseUrl), { poolSize: 4 });
    lifetime.onEnd(database.end);
    const { pid = 0 } = child;
    return {
      url,
      databaseUrl,
      environment,
      database,
      memory: () => residentMegabytes(pid),
      cpuSeconds: () => cpuSeconds(pid),
      stop: lifetime.end,
    };
  } catch (error) {
    await lifetime.end();
    throw error;
  }
}

async function ownDatabase(lifetime: ReturnType<typeof createLifetime>) {
  const url = process.env['DATABASE_URL'];
  if (!url) return undefined;
  const own = await createOwnDatabase(url);
  lifetime.onEnd(own.drop);
  return own.url;
}

function environmentOf(
  dataFolder: string,
  databaseUrl: string | undefined,
  settings: NodeJS.ProcessEnv | undefined,
): NodeJS.ProcessEnv {
  const { DATABASE_URL: _, ...inherited } = process.env;
  return {
    ...inherited,
    ...(databaseUrl && { DATABASE_URL: databaseUrl }),
    ...settings,
    PORT: '0',
    STAGELINE_DATA: dataFolder,
    STAGELINE_DEMO: 'off',
    STAGELINE_ADMIN_KEY: benchAdminKey,
  };
}

/** Runs the command of the script `start` without npm, so that the memory of the process can be read. */
async function launch(environment: NodeJS.ProcessEnv, cpuProfile: string | undefined) {
  const manifest = JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8'));
  const [command, program, ...words] = String(manifest.scripts.start).split(/\s+/);
  if (command !== 'exec' || program !== 'node') {
    throw new Error('The script "start" is expected to begin with "exec node"');
  }
  const profiling = cpuProfile ? ['--cpu-prof', `--cpu-prof-dir=${cpuProfile}`] : [];
  return spawn(process.execPath, [...profiling, ...words], {
    cwd: projectFolder,
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function untilServing(child: ChildProcess, dataFolder: string): Promise<string> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline && child.exitCode === null) {
    const note = await readServerNote(dataFolder).catch(() => undefined);
    if (note) return note.url;
    await elapsed(20);
  }
  throw new Error('The server did not start');
}

async function end(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

let made = 0;

/** Creates a workspace and a key for it. */
export async function createBenchWorkspace({ database }: BenchServer, name: string) {
  const { id } = await provisionWorkspace(database, { name: `${name} ${++made}` });
  const scopes = ['ingest', 'read'] as const;
  const { key } = await createKey(database, id, { name: 'bench', scopes });
  return { id, key };
}
