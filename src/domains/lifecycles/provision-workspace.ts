import { freeName } from '../../access/workspace-name.ts';
import { createWorkspace, listWorkspaces, type Workspace } from '../../access/workspaces.ts';
import type { Database } from '../../platform/database.ts';
import { createDefaultLifecycle } from './create-lifecycle.ts';

/** A workspace with all it starts with. */
export const provisionWorkspace = (
  database: Database,
  request: Pick<Workspace, 'name'> & Partial<Omit<Workspace, 'id' | 'name'>>,
): Promise<Workspace> =>
  createWorkspace(
    database,
    { timeZone: 'UTC', currency: 'USD', purpose: 'main', ...request },
    createDefaultLifecycle,
  );

/** The first workspace of the installation, made on its first start. */
export const ensureFirstWorkspace = (database: Database): Promise<Workspace> =>
  ensureWorkspace(database, { name: 'Main', purpose: 'main' });

/** The workspace of the simulated shop. */
export const ensureDemoWorkspace = (database: Database): Promise<Workspace> =>
  ensureWorkspace(database, { name: 'Demo shop', purpose: 'demo' });

/** Several servers may start at once: the lock lets one make it and the others find it. */
const ensureWorkspace = (database: Database, request: Pick<Workspace, 'name' | 'purpose'>) =>
  database.outside(undefined, async (sql) => {
    await sql.query("select pg_advisory_xact_lock(hashtextextended('stageline.workspaces', 0))");
    const all = await listWorkspaces(database);
    const found = all.find(({ purpose }) => purpose === request.purpose);
    return found ?? provisionWorkspace(database, { ...request, name: freeName(request.name, all) });
  });
