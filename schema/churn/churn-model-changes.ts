import {
  changeChurnSettings,
  startActivation,
  startFit,
} from '../../src/domains/churn/start-jobs.ts';
import { InUse, InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { addMutation, definePayload, withoutNulls } from '../kernel/mutation.ts';
import { ActivationType, ChurnModelJob } from './churn-model-job.ts';
import {
  ChurnActivityType,
  ChurnModeType,
  ChurnSettingsType,
  loadSettings,
} from './churn-settings.ts';

const ChurnModelJobPayload = definePayload<{ jobId: string }>(
  'ChurnModelJobPayload',
  'The job that was started.',
  (t) => ({
    job: t.field({
      type: ChurnModelJob,
      resolve: ({ jobId: id }, _args, { tx, workspaceId }) =>
        tx.job.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id } } }),
    }),
  }),
);

const ChurnSettingsPayload = definePayload<object>(
  'ChurnSettingsPayload',
  'The settings in their present state.',
  (t) => ({
    settings: t.field({
      type: ChurnSettingsType,
      resolve: (_payload, _args, ctx) => loadSettings(ctx),
    }),
  }),
);

addMutation('fitChurnModel', {
  type: ChurnModelJobPayload,
  description:
    'Fits a model to all data, in the background: `ChurnModelJob` shows the progress. Activating a model reassesses all customers but publishes no flags unless requested with `withRefits`.',
  errors: [InUse],
  args: (arg) => ({
    mode: arg({ type: ChurnModeType, description: 'Default: the mode of the workspace.' }),
    activation: arg({ type: ActivationType, defaultValue: 'IF_NOT_WORSE' }),
  }),
  parse: async ({ mode, activation }, ctx) => ({
    mode: mode ?? (await loadSettings(ctx)).mode,
    activation: activation ?? 'IF_NOT_WORSE',
  }),
  write: (db, request, { now }) => startFit(db, request, now()),
});

addMutation('activateChurnModel', {
  type: ChurnModelJobPayload,
  description: 'Activates a version of the model. Use an earlier version to roll back.',
  errors: [NotFound, InUse],
  args: (arg) => ({ version: arg.int({ required: true }) }),
  parse: (args) => args,
  write: (db, { version }, { now }) => startActivation(db, version, now()),
});

addMutation('updateChurnSettings', {
  type: ChurnSettingsPayload,
  description:
    'Changes the churn settings. Omitted arguments keep their value. They apply to the next model that is fitted. A new mode takes effect immediately if it has an active model, otherwise with its first one.',
  errors: [InvalidInput, InUse],
  args: (arg) => ({
    mode: arg({ type: ChurnModeType }),
    activity: arg({ type: ChurnActivityType }),
    horizonDays: arg.int({ description: '1 to 730 days.' }),
    automaticRefit: arg.boolean(),
  }),
  parse: withoutNulls,
  write: (db, change, { now }) => changeChurnSettings(db, change, now()),
});
