import { sql } from '../../../platform/sql.ts';
import type { RiskModel } from '../risk/risk-model.ts';

/** The model that customers are assessed by. */
export type ActiveRiskModel = RiskModel & {
  id: string;
  version: number;
  /** An RFC 3339 instant: customers evaluated last before it have not been assessed by this model yet. */
  activatedAt: string;
};

declare module '../../../engine/conditions/vocabulary.ts' {
  interface Vocabulary {
    /** Null without an active model. */
    riskModel: ActiveRiskModel | null;
  }
}

/** The active model, for the vocabulary. */
export const selectActiveModel = sql`
  select m.definition || jsonb_build_object('id', m.id, 'version', m.version, 'mode', m.mode,
    'timeZone', w.time_zone, 'currency', w.currency, 'activatedAt', s.activated_at)
  from churn_setting s
  join churn_model m on m.workspace_id = w.id and m.id = case s.assessed_by
    when 'ACTIVITY' then s.active_model else s.subscription_model end
  where s.workspace_id = w.id`;
