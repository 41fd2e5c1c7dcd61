import { brandWithType } from '@pothos/core';
import { InvalidInput } from '../../src/platform/errors.ts';
import { builder } from './builder.ts';
import type { RequestContext } from './context.ts';
import { isUuid, parseGlobalId } from './global-id.ts';

type FindNode = (ctx: RequestContext, key: string) => Promise<object | undefined>;

const finders = new Map<string, FindNode>();

/** Makes a type available to `node` and `nodes`. */
export const addNode = (type: string, find: FindNode) => finders.set(type, find);

/** The same for a type whose keys are uuids. */
export const addUuidNode = (type: string, find: FindNode) =>
  addNode(type, async (ctx, key) => (isUuid(key) ? find(ctx, key) : undefined));

async function findNode(ctx: RequestContext, id: string): Promise<object | null> {
  const parsed = parseGlobalId(id);
  const found = parsed && (await finders.get(parsed.type)?.(ctx, parsed.key));
  if (!found) return null;
  brandWithType(found, parsed.type as never);
  return found;
}

/** The options of a `prismaNode` whose global id contains the id of its row. */
export const keyedById = {
  id: { resolve: ({ id }: { id: string }) => id },
  findUnique: (id: string, { workspaceId }: RequestContext) => ({
    workspaceId_id: { workspaceId, id },
  }),
};

const maxIds = 100;

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'An object by its global id; null when this workspace has no such object.',
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, ctx) => findNode(ctx, id),
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: `Objects by their global ids, at most ${maxIds}, in the order of the ids.`,
    complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }),
    args: { ids: t.arg.idList({ required: true }) },
    resolve: (_root, { ids }, ctx) => {
      if (ids.length > maxIds) {
        throw new InvalidInput(`\`ids\` has ${ids.length} entries; the maximum is ${maxIds}.`);
      }
      return ids.map((id) => findNode(ctx, id));
    },
  }),
}));
