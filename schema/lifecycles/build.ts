import type { Build as BuildRow } from '../../prisma/generated/client.ts';
import { builder } from '../kernel/builder.ts';
import { createBatch } from '../kernel/per-operation.ts';

const buildStates = {
  RUNNING: {
    description: 'Customers are still being looked at; the definition before it answers.',
  },
  DONE: { description: 'The definition is in force, or was until a newer one was.' },
  SUPERSEDED: { description: 'A newer definition came before this one was in force.' },
} as const;

const BuildState = builder.enumType('BuildState', {
  description: 'How far a definition has got on its way into force.',
  values: buildStates,
});

type BuildProgress = Omit<BuildRow, 'definition'>;

export const Build = builder.objectRef<BuildProgress>('Build').implement({
  description:
    'A new definition on its way into force: it is asked about all customers in the background, while the one before it goes on answering. Then it is in force all at once.',
  fields: (t) => ({
    state: t.field({
      type: BuildState,
      // Nothing else is written into the column.
      resolve: ({ state }) => state as keyof typeof buildStates,
    }),
    version: t.exposeInt('version', { description: 'Of the definition that is on its way.' }),
    done: t.exposeInt('done', { description: 'How many customers it has been asked about.' }),
    total: t.exposeInt('total', {
      description: 'How many there are to ask about. Customers may come and go meanwhile.',
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it came into force or was superseded.',
    }),
  }),
});

/** The latest build of a segment, by the segment's id. */
export const loadSegmentBuild = createBatch<BuildProgress>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.build.findMany({
    where: { workspaceId, segmentId: { in: [...ids] } },
    distinct: ['segmentId'],
    orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
    omit: { definition: true },
  });
  return new Map(rows.map((row) => [row.segmentId ?? '', row]));
});

/** The latest build of a lifecycle, by the lifecycle's id. */
export const loadLifecycleBuild = createBatch<BuildProgress>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.build.findMany({
    where: { workspaceId, lifecycleId: { in: [...ids] } },
    distinct: ['lifecycleId'],
    orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
    omit: { definition: true },
  });
  return new Map(rows.map((row) => [row.lifecycleId ?? '', row]));
});
