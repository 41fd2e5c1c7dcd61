import { InUse, InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import { leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import {
  ActivationType,
  ChurnActivityType,
  ChurnModelJob,
  ChurnModeType,
  ChurnSettingsType,
  loadSettings,
} from './churn-model.ts';

const ChurnModelJobPayload = builder
  .objectRef<{ jobId: string }>('ChurnModelJobPayload')
  .implement({
    authScopes: coveredByMutation,
    description: 'The job that was set on its way, as it is now.',
    fields: (t) => ({
      job: t.field({
        type: ChurnModelJob,
        resolve: ({ jobId: id }, _args, { tx, workspaceId }) =>
          tx.job.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id } } }),
      }),
    }),
  });

const ChurnSettingsPayload = builder.objectRef<object>('ChurnSettingsPayload').implement({
  authScopes: coveredByMutation,
  description: 'The settings as they are now.',
  fields: (t) => ({
    settings: t.field({
      type: ChurnSettingsType,
      resolve: (_payload, _args, ctx) => loadSettings(ctx),
    }),
  }),
});

builder.mutationFields((t) => ({
  fitChurnModel: t.field({
    type: ChurnModelJobPayload,
    description:
      'Fits a model to all that is known by now, in the background: `ChurnModelJob` tells how far that has got. Assessing everybody by a model that comes into force raises no alarm.',
    authScopes: { write: true },
    errors: { types: [InUse] },
    args: {
      mode: t.arg({ type: ChurnModeType, description: 'That of the workspace when absent.' }),
      activation: t.arg({ type: ActivationType, defaultValue: 'IF_NOT_WORSE' }),
    },
    resolve: async (_root, { mode, activation }, ctx) => {
      const wanted = mode ?? (await loadSettings(ctx)).mode;
      await leaveSnapshot(ctx);
      const { churn } = ctx.services;
      const request = { mode: wanted, activation: activation ?? 'IF_NOT_WORSE' };
      return churn.fit(ctx.workspaceId, request, ctx.now());
    },
  }),
  activateChurnModel: t.field({
    type: ChurnModelJobPayload,
    description:
      'Puts a version of the model into force, an earlier one included: that is how to go back.',
    authScopes: { write: true },
    errors: { types: [NotFound, InUse] },
    args: { version: t.arg.int({ required: true }) },
    resolve: async (_root, { version }, ctx) => {
      await leaveSnapshot(ctx);
      return ctx.services.churn.activate(ctx.workspaceId, version, ctx.now());
    },
  }),
  updateChurnSettings: t.field({
    type: ChurnSettingsPayload,
    description:
      'Changes what the workspace means by churn; what is left out stays as it was. The next model is fitted by it; another mode assesses risk from now on if it has a model in force, else with its first one.',
    authScopes: { write: true },
    errors: { types: [InvalidInput, InUse] },
    args: {
      mode: t.arg({ type: ChurnModeType }),
      activity: t.arg({ type: ChurnActivityType }),
      horizonDays: t.arg.int({ description: '1 to 730.' }),
      automaticRefit: t.arg.boolean(),
    },
    resolve: async (_root, args, ctx) => {
      await leaveSnapshot(ctx);
      const { mode, activity, horizonDays, automaticRefit } = args;
      const change = {
        ...(mode != null && { mode }),
        ...(activity != null && { activity }),
        ...(horizonDays != null && { horizonDays }),
        ...(automaticRefit != null && { automaticRefit }),
      };
      await ctx.services.churn.configure(ctx.workspaceId, change, ctx.now());
      return {};
    },
  }),
}));
