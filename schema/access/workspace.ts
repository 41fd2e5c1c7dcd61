import { formatCursor } from '../../src/engine/changes/cursor.ts';
import { builder } from '../kernel/builder.ts';
import { addNode } from '../kernel/node.ts';
import { loadLog, loadWorkspace } from '../kernel/workspace-row.ts';

const Workspace = builder.prismaNode('Workspace', {
  description: 'A tenant: owns every customer, event and setting that its keys can reach.',
  id: { resolve: ({ id }) => id },
  findUnique: (id, { workspaceId }) => ({ id, AND: { id: workspaceId } }),
  fields: (t) => ({
    name: t.exposeString('name'),
    timeZone: t.exposeString('timeZone', {
      description: 'The IANA time zone in which days begin and end, such as "Europe/Berlin".',
    }),
    currency: t.exposeString('currency', {
      description: 'The currency of every sum of money (ISO 4217).',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    cursor: t.field({
      type: 'Cursor',
      description:
        'The end of the change log in this very snapshot: read a state, then subscribe `after` it, and nothing is missed or seen twice.',
      resolve: async (_workspace, _args, ctx) => formatCursor(await loadLog(ctx)),
    }),
  }),
});

builder.queryField('workspace', (t) =>
  t.field({
    type: Workspace,
    description: 'The workspace of the key that was presented.',
    resolve: (_root, _args, ctx) => loadWorkspace(ctx),
  }),
);

addNode('Workspace', async (ctx, key) =>
  key === ctx.workspaceId ? loadWorkspace(ctx) : undefined,
);
