import type { Build as BuildRow, Job } from '../../prisma/generated/client.ts';
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

type BuildProgress = Pick<BuildRow, 'version'> &
  Pick<Job, 'state' | 'done' | 'total' | 'startedAt' | 'finishedAt'>;

export const Build = builder.objectRef<BuildProgress>('Build').implement({
  description:
    'A new definition on its way into force: it is asked about all customers in the background, while the one before it goes on answering. Then it is in force all at once.',
  fields: (t) => ({
    state: t.field({
      type: BuildState,
      // A build does not fail: it is retried. A cancelled one was replaced by a newer one.
      resolve: ({ state }) =>
        state === 'CANCELLED' ? 'SUPERSEDED' : (state as 'RUNNING' | 'DONE'),
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
