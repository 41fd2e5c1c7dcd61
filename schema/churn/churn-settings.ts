import { churnActivities, churnModes } from '../../src/domains/churn/risk/risk-model.ts';
import { loadChurnSettings, type StoredChurnSettings } from '../../src/domains/churn/settings.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { perOperation } from '../kernel/per-operation.ts';

export const loadSettings = perOperation((ctx: RequestContext) =>
  loadChurnSettings(sqlThrough(ctx.tx, ctx.workspaceId)),
);

export const ChurnActivityType = builder.enumType('ChurnActivity', {
  description: 'What counts as activity: orders only, or any event.',
  values: churnActivities,
});

export const ChurnModeType = builder.enumType('ChurnMode', {
  description:
    'The kind of churn: inactivity of customers without a contract, or subscriptions that are not renewed. A workspace may have a model of each kind; the one of its mode assesses the risk.',
  values: churnModes,
});

export const ChurnSettingsType = builder.objectRef<StoredChurnSettings>('ChurnSettings').implement({
  description: 'The churn settings of the workspace.',
  fields: (t) => ({
    mode: t.expose('mode', {
      type: ChurnModeType,
      description: 'Whether churn means inactivity or subscriptions that are not renewed.',
    }),
    assessedBy: t.expose('assessedBy', {
      type: ChurnModeType,
      description:
        'The mode of the model that assesses the risk: `mode` as soon as it has an active model.',
    }),
    activity: t.expose('activity', { type: ChurnActivityType }),
    horizonDays: t.exposeInt('horizonDays', {
      description: 'Customers without activity for this many days count as churned.',
    }),
    automaticRefit: t.exposeBoolean('automaticRefit', {
      description:
        'Refits the model at night after 5 % more events, otherwise once a week, and activates it if it is not worse.',
    }),
    activatedAt: t.expose('activatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the present model was activated.',
    }),
  }),
});

builder.queryField('churnSettings', (t) =>
  t.field({
    type: ChurnSettingsType,
    description: 'The churn settings of the workspace.',
    resolve: (_root, _args, ctx) => loadSettings(ctx),
  }),
);
