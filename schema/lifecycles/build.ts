import type { Build as BuildRow, Job } from '../../prisma/generated/client.ts';
import { builder } from '../kernel/builder.ts';
import { createBatch } from '../kernel/per-operation.ts';

const buildStates = {
  RUNNING: {
    description: 'Customers are being evaluated. The previous definition is active.',
  },
  DONE: { description: 'The definition was activated.' },
  SUPERSEDED: { description: 'A newer definition replaced it before it was activated.' },
} as const;

const BuildState = builder.enumType('BuildState', {
  description: 'The state of a build.',
  values: buildStates,
});

type BuildProgress = Pick<BuildRow, 'version'> &
  Pick<Job, 'state' | 'done' | 'total' | 'startedAt' | 'finishedAt'>;

export const Build = builder.objectRef<BuildProgress>('Build').implement({
  description:
    'The activation of a new definition: all customers are evaluated in the background while the previous definition stays active, then the new one takes effect at once.',
  fields: (t) => ({
    state: t.field({
      type: BuildState,
      // A build does not fail: it is retried. A cancelled one was replaced by a newer one.
      resolve: ({ state }) =>
        state === 'CANCELLED' ? 'SUPERSEDED' : (state as 'RUNNING' | 'DONE'),
    }),
    version: t.exposeInt('version', { description: 'The version of the new definition.' }),
    done: t.exposeInt('done', { description: 'The number of customers evaluated so far.' }),
    total: t.exposeInt('total', {
      description: 'The number of customers to evaluate, counted at the start.',
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the definition was activated or superseded.',
    }),
  }),
});

/** The latest build of a segment or a lifecycle, by the subject's id. */
export const loadBuild = createBatch<BuildProgress>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.build.findMany({
    where: { workspaceId, subjectId: { in: [...ids] } },
    distinct: ['subjectId'],
    orderBy: { id: 'desc' },
    omit: { definition: true },
    include: { job: true },
  });
  return new Map(rows.map(({ job, ...row }) => [row.subjectId, { ...job, ...row }]));
});
