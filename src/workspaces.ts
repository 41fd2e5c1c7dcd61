import { createWorkspace, listWorkspaces, type Workspace } from './access/workspaces.ts';
import { createDefaultLifecycle } from './lifecycles/create-lifecycle.ts';
import type { Database } from './platform/database.ts';

/** A workspace with all it starts with. */
export const openWorkspace = (
  database: Database,
  request: Pick<Workspace, 'name'> & Partial<Omit<Workspace, 'id' | 'name'>>,
): Promise<Workspace> =>
  createWorkspace(
    database,
    { timeZone: 'UTC', currency: 'USD', purpose: 'main', ...request },
    createDefaultLifecycle,
  );

/** The first workspace of the installation, made on its first start. */
export async function ensureFirstWorkspace(database: Database): Promise<Workspace> {
  return (await findFirst(database, 'main')) ?? openWorkspace(database, { name: 'Main' });
}

/** The workspace of the simulated shop. */
export async function ensureDemoWorkspace(database: Database): Promise<Workspace> {
  const demo = { name: 'Demo shop', purpose: 'demo' } as const;
  return (await findFirst(database, 'demo')) ?? openWorkspace(database, demo);
}

const findFirst = async (database: Database, purpose: Workspace['purpose']) =>
  (await listWorkspaces(database)).find((workspace) => workspace.purpose === purpose);
