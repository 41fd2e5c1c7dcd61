import { isSameName } from '../../access/workspace-name.ts';
import { listWorkspaces, type Workspace } from '../../access/workspaces.ts';
import type { Database } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';

/** The workspace of that name or id; without one, the only one there is besides the demo's. @throws InvalidInput */
export const chooseWorkspace = async (database: Database, wanted?: string): Promise<Workspace> =>
  chooseFrom(await listWorkspaces(database), wanted);

/** An id goes before a name; upper and lower case are the same. @throws InvalidInput */
export function chooseFrom(all: readonly Workspace[], wanted?: string): Workspace {
  const byId = all.find(({ id }) => id === wanted?.trim().toLowerCase());
  if (byId) return byId;
  const found =
    wanted === undefined
      ? all.filter(({ purpose }) => purpose === 'main')
      : all.filter(({ name }) => isSameName(name, wanted));
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  throw new InvalidInput(describeChoice(all, { found, wanted }));
}

function describeChoice(
  all: readonly Workspace[],
  { found, wanted }: { found: readonly Workspace[]; wanted: string | undefined },
): string {
  if (all.length === 0) {
    return 'There is no workspace yet. Create one: npm run stageline -- workspace create NAME';
  }
  const list = (found.length > 0 ? found : all).map(({ id, name }) => `\n  ${id}  ${name}`);
  const problem =
    found.length > 0
      ? `${found.length} workspaces fit`
      : `There is no workspace ${wanted === undefined ? 'but the demo' : `"${wanted}"`}`;
  return `${problem}. Pass the id or name of one of these:${list.join('')}`;
}
