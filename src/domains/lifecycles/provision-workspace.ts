import { freeName } from '../../access/workspace-name.ts';
import { createWorkspace, listWorkspaces, type Workspace } from '../../access/workspaces.ts';
import type { Database } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { createDefaultLifecycle } from './lifecycle-from-template.ts';

/** Creates a workspace with its default lifecycle. */
export const provisionWorkspace = (
  database: Database,
  request: Pick<Workspace, 'name'> & Partial<Omit<Workspace, 'id' | 'name'>>,
): Promise<Workspace> =>
  createWorkspace(
    database,
    { timeZone: 'UTC', currency: 'USD', purpose: 'main', ...request },
    createDefaultLifecycle,
  );

/** Returns the first workspace of the installation; creates it on the first start. */
export const ensureFirstWorkspace = (database: Database): Promise<Workspace> =>
  ensureWorkspace(database, { name: 'Main', purpose: 'main' });

/** Returns the workspace of the simulated shop; creates it if needed. */
export const ensureDemoWorkspace = (database: Database): Promise<Workspace> =>
  ensureWorkspace(database, { name: 'Demo shop', purpose: 'demo' });

/** Several servers may start at once: the lock lets one make it and the others find it. */
const ensureWorkspace = (database: Database, request: Pick<Workspace, 'name' | 'purpose'>) =>
  database.withoutWorkspace(undefined, async (db) => {
    await db.query(sql`select pg_advisory_xact_lock(hashtextextended('stageline.workspaces', 0))`);
    const all = await listWorkspaces(database);
    const existing = all.find(({ purpose }) => purpose === request.purpose);
    return (
      existing ?? provisionWorkspace(database, { ...request, name: freeName(request.name, all) })
    );
  });
