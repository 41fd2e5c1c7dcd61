import { formatCursor } from '../../src/engine/changes/cursor.ts';
import { builder } from '../kernel/builder.ts';
import { addNode } from '../kernel/node.ts';
import { loadLog, loadWorkspace } from '../kernel/workspace-row.ts';

const Workspace = builder.prismaNode('Workspace', {
  description: 'A tenant. It owns all customers, events and settings that its keys have access to.',
  id: { resolve: ({ id }) => id },
  findUnique: (id, { workspaceId }) => ({ id, AND: { id: workspaceId } }),
  fields: (t) => ({
    name: t.exposeString('name'),
    timeZone: t.exposeString('timeZone', {
      description: 'The IANA time zone of calendar days, such as "Europe/Berlin".',
    }),
    currency: t.exposeString('currency', {
      description: 'The currency of all amounts without a currency of their own (ISO 4217).',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    cursor: t.field({
      type: 'Cursor',
      description:
        'The end of the change log in this snapshot. Read a state, then subscribe `after` this cursor: no change is missed or delivered twice.',
      resolve: async (_workspace, _args, ctx) => formatCursor(await loadLog(ctx)),
    }),
  }),
});

builder.queryField('workspace', (t) =>
  t.field({
    type: Workspace,
    description: 'The workspace of the API key.',
    resolve: (_root, _args, ctx) => loadWorkspace(ctx),
  }),
);

addNode('Workspace', async (ctx, key) =>
  key === ctx.workspaceId ? loadWorkspace(ctx) : undefined,
);
