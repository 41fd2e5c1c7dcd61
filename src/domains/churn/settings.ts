import type { Transaction } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';
import { maxHorizonDays } from './churn-backtest.ts';
import type { ChurnActivity, ChurnMode } from './risk/risk-model.ts';

/** How a workspace defines churn. */
export interface ChurnSettings {
  /** Whether customers churn by inactivity or by not renewing. */
  mode: ChurnMode;
  activity: ChurnActivity;
  /** A customer without activity for this time counts as lost. */
  horizonDays: number;
  /** Whether models are refitted as data arrive, and activated if they are no worse. */
  automaticRefit: boolean;
}

export interface StoredChurnSettings extends ChurnSettings {
  /** Which of the two active models assesses risk: that of `mode` once it exists. */
  assessedBy: ChurnMode;
  activatedAt: Date | null;
  /** The active models of purchases and of renewals. */
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

export async function loadChurnSettings(db: Transaction): Promise<StoredChurnSettings> {
  const { rows } = await db.query<StoredChurnSettings>(sql`
    select mode, assessed_by as "assessedBy", activity, horizon_days as "horizonDays",
      automatic_refit as "automaticRefit",
      active_model as "activeModelId", activated_at as "activatedAt",
      subscription_model as "subscriptionModelId"
    from churn_setting where workspace_id = ${db.workspaceId}::uuid`);
  return rows[0] ?? defaultSettings;
}

/**
 * Changes the given settings and keeps the others. The active model does not change: the next fit uses the
 * new settings.
 * @throws InvalidInput
 */
export async function storeChurnSettings(
  db: Transaction,
  change: Partial<ChurnSettings>,
): Promise<void> {
  const { mode, activity, horizonDays, automaticRefit } = {
    ...(await loadChurnSettings(db)),
    ...change,
  };
  if (!Number.isInteger(horizonDays) || horizonDays < 1 || horizonDays > maxHorizonDays) {
    throw new InvalidInput(`\`horizonDays\` must be a whole number from 1 to ${maxHorizonDays}.`);
  }
  await db.query(sql`
    insert into churn_setting (workspace_id, activity, horizon_days, automatic_refit, mode)
    values (${db.workspaceId}, ${activity}, ${horizonDays}, ${automaticRefit}, ${mode})
    on conflict (workspace_id) do update set mode = excluded.mode, activity = excluded.activity,
      horizon_days = excluded.horizon_days, automatic_refit = excluded.automatic_refit`);
}
