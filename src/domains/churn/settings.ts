import type { Sql } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { maxHorizonDays } from './churn-backtest.ts';
import type { ChurnActivity, ChurnMode } from './risk/risk-model.ts';

/** What a workspace means by churn. */
export interface ChurnSettings {
  /** Whether customers are lost by staying away or by not renewing. */
  mode: ChurnMode;
  activity: ChurnActivity;
  /** Whoever is not active for so long counts as lost. */
  horizonDays: number;
  /** Whether models are fitted anew as data come in, and put into force if they are no worse. */
  automaticRefit: boolean;
}

export interface StoredChurnSettings extends ChurnSettings {
  /** By which of the two models in force risk is assessed: that of `mode` as soon as there is one. */
  assessedBy: ChurnMode;
  activatedAt: Date | null;
  /** What purchases, and what renewals are foretold by. */
  activeModelId: string | null;
  subscriptionModelId: string | null;
}

const defaultSettings: StoredChurnSettings = {
  mode: 'ACTIVITY',
  activity: 'PURCHASES',
  horizonDays: 90,
  automaticRefit: true,
  assessedBy: 'ACTIVITY',
  activeModelId: null,
  activatedAt: null,
  subscriptionModelId: null,
};

export async function loadChurnSettings(
  sql: Sql,
  workspaceId: string,
): Promise<StoredChurnSettings> {
  const { rows } = await sql.query<StoredChurnSettings>(
    `select mode, assessed_by as "assessedBy", activity, horizon_days as "horizonDays", automatic_refit as "automaticRefit",
       active_model as "activeModelId", activated_at as "activatedAt",
       subscription_model as "subscriptionModelId"
     from churn_setting where workspace_id = $1::uuid`,
    [workspaceId],
  );
  return rows[0] ?? defaultSettings;
}

/**
 * Changes what is said and leaves the rest. The model in force stays as it is: the next one is fitted by
 * the new settings.
 * @throws InvalidInput
 */
export async function storeChurnSettings(
  sql: Sql,
  workspaceId: string,
  change: Partial<ChurnSettings>,
): Promise<void> {
  const { mode, activity, horizonDays, automaticRefit } = {
    ...(await loadChurnSettings(sql, workspaceId)),
    ...change,
  };
  if (!Number.isInteger(horizonDays) || horizonDays < 1 || horizonDays > maxHorizonDays) {
    throw new InvalidInput(`\`horizonDays\` is a whole number from 1 to ${maxHorizonDays}.`);
  }
  await sql.query(
    `insert into churn_setting (workspace_id, activity, horizon_days, automatic_refit, mode)
     values ($1, $2, $3, $4, $5)
     on conflict (workspace_id) do update set mode = excluded.mode, activity = excluded.activity,
       horizon_days = excluded.horizon_days, automatic_refit = excluded.automatic_refit`,
    [workspaceId, activity, horizonDays, automaticRefit, mode],
  );
}
