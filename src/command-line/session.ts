import { listWorkspaces, type Workspace } from '../access/workspaces.ts';
import { type Config, loadConfig } from '../platform/config.ts';
import type { Database } from '../platform/database.ts';
import { InvalidInput } from '../platform/errors.ts';
import { createLifetime } from '../platform/lifetime.ts';
import { createLog } from '../platform/log.ts';
import { openStorageBeside } from '../platform/open-storage.ts';

/** What a command works on: the database the server of this configuration uses, running or not. */
export interface Session {
  config: Config;
  database: Database;
}

export async function inSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const lifetime = createLifetime();
  try {
    const config = loadConfig();
    const log = createLog(config.logLevel);
    return await work({ config, database: await openStorageBeside({ config, lifetime, log }) });
  } finally {
    await lifetime.end();
  }
}

/** The workspace of that name or id; without one, the only one there is besides the demo's. */
export async function chooseWorkspace(database: Database, wanted?: string): Promise<Workspace> {
  const all = await listWorkspaces(database);
  const named = all.filter(({ id, name }) => wanted === id || wanted === name);
  const found = wanted === undefined ? all.filter(({ purpose }) => purpose === 'main') : named;
  const [workspace, ...others] = found;
  if (workspace && others.length === 0) return workspace;
  const names = all.map(({ name }) => `"${name}"`).join(', ');
  throw new InvalidInput(
    all.length === 0
      ? 'There is no workspace yet. Make one: npm run stageline -- workspace create NAME'
      : `Which workspace? Say --workspace with one of ${names}, or its id.`,
  );
}
