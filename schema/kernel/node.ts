import { brandWithType } from '@pothos/core';
import { isAllowed } from '../../src/access/principal.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { findApiKey } from '../access/access.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { type GlobalId, isUuid, parseGlobalId } from '../kernel/global-id.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';
import { loadCatalogue, stageOf } from '../lifecycles/catalogue.ts';
import { parseStageKey } from '../lifecycles/lifecycle.ts';
import { findMember } from '../members/member.ts';
import { findTeam } from '../members/team.ts';
import { findSegment } from '../segments/segment.ts';
import { findTask } from '../tasks/task.ts';
import { findCustomer } from './customer-rows.ts';
import { findEvent } from './event.ts';
import { findMerge } from './merge.ts';

type Find = (ctx: RequestContext, key: string) => Promise<object | undefined>;

const byUuid =
  (find: Find): Find =>
  async (ctx, key) =>
    isUuid(key) ? find(ctx, key) : undefined;

const finders: Readonly<Record<string, Find>> = {
  ApiKey: async (ctx, key) =>
    ctx.principal && isAllowed(ctx.principal, 'admin') ? findApiKey(ctx, key) : undefined,
  Customer: byUuid(findCustomer),
  Event: byUuid(findEvent),
  Member: byUuid(findMember),
  Merge: byUuid(findMerge),
  Segment: byUuid(findSegment),
  Task: byUuid(findTask),
  Team: byUuid(findTeam),
  Lifecycle: async (ctx, key) => (await loadCatalogue(ctx)).find(({ id }) => id === key),
  Stage: async (ctx, key) => {
    const parsed = parseStageKey(key);
    const known = (await loadCatalogue(ctx)).some(({ id }) => id === parsed?.lifecycleId);
    return parsed && known ? stageOf(ctx, parsed.lifecycleId, parsed.key) : undefined;
  },
  Workspace: async (ctx, key) => (key === ctx.workspaceId ? loadWorkspace(ctx) : undefined),
};

async function findNode(ctx: RequestContext, id: string): Promise<object | null> {
  const parsed: GlobalId | undefined = parseGlobalId(id);
  const find = parsed && Object.hasOwn(finders, parsed.type) ? finders[parsed.type] : undefined;
  const found = parsed && find ? await find(ctx, parsed.key) : undefined;
  if (!parsed || !found) return null;
  brandWithType(found, parsed.type as never);
  return found;
}

const most = 100;

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description:
      'Anything by its global id; null for every id that leads nowhere in this workspace.',
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, ctx) => findNode(ctx, id),
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: `Things by their global ids, at most ${most}, in the order of the ids.`,
    complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }),
    args: { ids: t.arg.idList({ required: true }) },
    resolve: (_root, { ids }, ctx) => {
      if (ids.length > most) throw new InvalidInput(`\`ids\` holds more than ${most} ids.`);
      return ids.map((id) => findNode(ctx, id));
    },
  }),
}));
