import type { Job } from '../../prisma/generated/client.ts';
import {
  activations,
  type ChurnJobData,
  churnModelKind,
  type JobOutcome,
} from '../../src/domains/churn/jobs.ts';
import { builder } from '../kernel/builder.ts';
import { requireSize } from '../kernel/page.ts';
import { ChurnModel, findModel } from './churn-model.ts';

export const ActivationType = builder.enumType('ChurnModelActivation', {
  description:
    'Whether a fitted model is activated: if its Brier score on the latest window is at most 0.005 worse than that of the active model, always, or never.',
  values: activations,
});

const outcomes = {
  ACTIVATED: { description: 'The model was activated and all customers were assessed.' },
  KEPT: { description: 'The model was stored without activation, as requested.' },
  WORSE: {
    description: 'The model was stored but not activated, because it is worse than the active one.',
  },
  INSUFFICIENT_DATA: { description: 'No model was fitted. `message` says what data is missing.' },
  NOT_CONVERGED: {
    description:
      'No model was fitted, because the model does not describe the data. `message` says what to do.',
  },
  ERROR: { description: 'No model was fitted because of an error. See `message`.' },
} as const satisfies Record<JobOutcome, { description: string }>;

const toJobData = ({ data }: Pick<Job, 'data'>) => data as unknown as ChurnJobData;

export const ChurnModelJob = builder.objectRef<Job>('ChurnModelJob').implement({
  description: 'A job that fits a model or assesses customers with a newly activated model.',
  fields: (t) => ({
    id: t.exposeID('id'),
    state: t.field({
      type: builder.enumType('ChurnModelJobState', {
        description: 'The state of a job.',
        values: ['RUNNING', 'DONE', 'FAILED'] as const,
      }),
      resolve: ({ state }) => state as 'RUNNING',
    }),
    phase: t.field({
      type: builder.enumType('ChurnModelJobPhase', {
        description: 'The present or last phase of a job.',
        values: {
          FITTING: { description: 'The model is fitted and backtested.' },
          APPLYING: { description: 'The model is active and customers are being assessed.' },
        },
      }),
      resolve: (job) => toJobData(job).phase,
    }),
    done: t.exposeInt('done', { description: 'The number of customers assessed so far.' }),
    total: t.exposeInt('total', {
      description: 'The number of customers to assess. 0 while a model is fitted.',
    }),
    outcome: t.field({
      type: builder.enumType('ChurnModelJobOutcome', {
        description: 'The outcome of a job.',
        values: outcomes,
      }),
      nullable: true,
      description: 'Null while the job is running.',
      resolve: ({ outcome }) => outcome as JobOutcome | null,
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'What to do if no model was fitted.',
    }),
    model: t.field({
      type: ChurnModel,
      nullable: true,
      description:
        'The fitted model of the mode ACTIVITY. See `subscriptionModel` for the mode SUBSCRIPTION.',
      resolve: (job, _args, ctx) => {
        const { modelId, mode } = toJobData(job);
        return mode === 'ACTIVITY' ? findModel(ctx, modelId) : null;
      },
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
  }),
});

const maxListed = 100;

builder.queryField('churnModelJobs', (t) =>
  t.field({
    type: [ChurnModelJob],
    description: 'The latest jobs, newest first.',
    args: { first: t.arg.int({ defaultValue: 1, description: `1 to ${maxListed}.` }) },
    resolve: (_root, { first }, { tx, workspaceId }) =>
      tx.job.findMany({
        where: { workspaceId, kind: churnModelKind },
        orderBy: { id: 'desc' },
        take: requireSize('first', first ?? 1, maxListed),
      }),
  }),
);
