import { InvalidInput } from '../../src/platform/errors.ts';
import type { RequestContext } from '../kernel/context.ts';
import { perOperation } from '../kernel/per-operation.ts';

/**
 * The workspace's lifecycles with their stages in order, the default one first. They are few and used by many
 * fields, so they are loaded once per operation, and only if more than a key is selected.
 */
export const loadCatalogue = perOperation(({ tx, workspaceId }) =>
  tx.lifecycle.findMany({
    where: { workspaceId },
    include: { stages: { orderBy: { ordinal: 'asc' } } },
    orderBy: [{ isDefault: 'desc' }, { key: 'asc' }],
  }),
);

type Catalogue = Awaited<ReturnType<typeof loadCatalogue>>;
export type CatalogueLifecycle = Catalogue[number];
export type CatalogueStage = CatalogueLifecycle['stages'][number];

const sameKey = (a: string, b: string) => a.toUpperCase() === b.toUpperCase();
const keysOf = (rows: ReadonlyArray<{ key: string }>) => rows.map(({ key }) => key).join(', ');

/** The lifecycle with the key, case-insensitive; without a key, the default one. */
export async function findLifecycle(ctx: RequestContext, key: string | null | undefined) {
  const catalogue = await loadCatalogue(ctx);
  return key === undefined || key === null
    ? catalogue.find(({ isDefault }) => isDefault)
    : catalogue.find((lifecycle) => sameKey(lifecycle.key, key));
}

/** @throws InvalidInput with the existing lifecycles */
export async function requireLifecycle(
  ctx: RequestContext,
  key: string | null | undefined,
): Promise<CatalogueLifecycle> {
  const found = await findLifecycle(ctx, key);
  if (found) return found;
  const catalogue = await loadCatalogue(ctx);
  if (key === undefined || key === null) {
    throw new InvalidInput('This workspace has no default lifecycle. Pass `lifecycle`.');
  }
  throw new InvalidInput(`No lifecycle has the key ${quote(key)}.`, {
    names: `There are: ${keysOf(catalogue)}.`,
  });
}

/** The keys of the stages as stored. @throws InvalidInput with the existing stages */
export function requireStages(lifecycle: CatalogueLifecycle, keys: readonly string[]): string[] {
  return keys.map((key) => {
    const found = lifecycle.stages.find((stage) => sameKey(stage.key, key));
    if (found) return found.key;
    throw new InvalidInput(`No stage of ${lifecycle.key} has the key ${quote(key)}.`, {
      names: `There are: ${keysOf(lifecycle.stages)}.`,
    });
  });
}

const quote = (text: string) => JSON.stringify(text.slice(0, 64));

/** Undefined if the lifecycle was deleted. */
export async function findLifecycleOf(
  ctx: RequestContext,
  id: string,
): Promise<CatalogueLifecycle | undefined> {
  return (await loadCatalogue(ctx)).find((lifecycle) => lifecycle.id === id);
}

/** @throws Error if the lifecycle does not exist */
export async function lifecycleOf(ctx: RequestContext, id: string): Promise<CatalogueLifecycle> {
  const found = await findLifecycleOf(ctx, id);
  if (!found) throw new Error(`Lifecycle ${id} is referenced but does not exist`);
  return found;
}

/** Undefined without a key, and if the lifecycle no longer has the stage. */
export async function stageOf(
  ctx: RequestContext,
  lifecycleId: string,
  key: string | null,
): Promise<CatalogueStage | undefined> {
  const lifecycle = await findLifecycleOf(ctx, lifecycleId);
  return lifecycle?.stages.find((stage) => stage.key === key);
}
