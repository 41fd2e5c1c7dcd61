import { isSameName } from '../../access/workspace-name.ts';
import { listWorkspaces, type Workspace } from '../../access/workspaces.ts';
import type { Database } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';

/** Finds the workspace with this name or id; without one, the only workspace besides the demo. @throws InvalidInput */
export const chooseWorkspace = async (database: Database, nameOrId?: string): Promise<Workspace> =>
  chooseFrom(await listWorkspaces(database), nameOrId);

/** Ids take precedence over names; case is ignored. @throws InvalidInput */
export function chooseFrom(all: readonly Workspace[], nameOrId?: string): Workspace {
  const byId = all.find(({ id }) => id === nameOrId?.trim().toLowerCase());
  if (byId) return byId;
  const matches =
    nameOrId === undefined
      ? all.filter(({ purpose }) => purpose === 'main')
      : all.filter(({ name }) => isSameName(name, nameOrId));
  const [only, ...others] = matches;
  if (only && others.length === 0) return only;
  throw new InvalidInput(describeChoice(all, { matches, nameOrId }));
}

function describeChoice(
  all: readonly Workspace[],
  { matches, nameOrId }: { matches: readonly Workspace[]; nameOrId: string | undefined },
): string {
  if (all.length === 0) {
    return 'There is no workspace yet. Create one: npm run stageline -- workspace create NAME';
  }
  const list = (matches.length > 0 ? matches : all).map(({ id, name }) => `\n  ${id}  ${name}`);
  const problem =
    matches.length > 0
      ? `${matches.length} workspaces match`
      : `There is no workspace ${nameOrId === undefined ? 'but the demo' : `"${nameOrId}"`}`;
  return `${problem}. Pass the id or name of one of these:${list.join('')}`;
}
