import { emptyEventColumns } from '../../../engine/conditions/history-sources.ts';
import type { PlacementSource } from '../../../engine/conditions/placement-source.ts';
import { rawSql, type Sql, sql } from '../../../platform/sql.ts';

/** The ids of the rule sets under which customers have a band and a flag. */
export const bandRuleSet = 'RISK_BAND';
export const flagRuleSet = 'RISK_FLAG';
/** The only stage of the flag. */
export const flaggedKey = 'FLAGGED';

/** The bands and flags of customers. */
export const riskPlacements: PlacementSource = {
  has: (ruleSetId) => ruleSetId === bandRuleSet || ruleSetId === flagRuleSet,
  selectCurrent: (workspaceId, ruleSetId) => sql`
    select * from (${presentRisks(workspaceId)}) as risk where rule_set = ${ruleSetId}::text`,
  selectForCustomers: ({ workspaceId, ids, at }) => sql`
    select customer_id as "customerId", rule_set as "ruleSetId", stage_key as "stageKey", since,
      '{}'::jsonb as "leftAt"
    from (${at ? pastRisks(workspaceId, at) : presentRisks(workspaceId)}) as risk
    where customer_id = any(${ids}::uuid[])`,
  moves: ({ workspaceId, upTo }) => sql`
    select r.customer_id, r.at, ${emptyEventColumns}, null, null, ${ruleSetOf('r')}, null, ${stageOf('r')},
      r.position, true
    from change r
    where r.workspace_id = ${workspaceId}::uuid and r.kind like 'CHURN\\_RISK\\_%'
      and r.at <= ${upTo}::timestamptz`,
};

const presentRisks = (workspaceId: string): Sql => sql`
  select r.customer_id, placement.rule_set, placement.stage_key, placement.since
  from customer_risk r
  cross join lateral (values (${bandRuleSet}::text, r.band, r.since),
    (${flagRuleSet}::text, ${flaggedKey}::text, r.flagged_since)) as placement (rule_set, stage_key, since)
  where r.workspace_id = ${workspaceId}::uuid and placement.since is not null`;

/** The same as of an earlier instant, from the log. */
const pastRisks = (workspaceId: string, at: Date): Sql => sql`
  select * from (
    select distinct on (m.customer_id, m.kind = 'CHURN_RISK_BAND_CHANGED') m.customer_id,
      ${ruleSetOf('m')} as rule_set, ${stageOf('m')} as stage_key, m.at as since
    from change m
    where m.workspace_id = ${workspaceId}::uuid and m.kind like 'CHURN\\_RISK\\_%'
      and m.at <= ${at}::timestamptz
    order by m.customer_id, m.kind = 'CHURN_RISK_BAND_CHANGED', m.at desc, m.position desc
  ) as last where stage_key is not null`;

/** The rule set that a change of risk is about. */
function ruleSetOf(change: 'm' | 'r'): Sql {
  const kind = rawSql(`${change}.kind`);
  return sql`case ${kind} when 'CHURN_RISK_BAND_CHANGED' then ${bandRuleSet}::text
    else ${flagRuleSet}::text end`;
}

/** The stage that a change of risk leads to; null where it ends. */
function stageOf(change: 'm' | 'r'): Sql {
  const kind = rawSql(`${change}.kind`);
  const data = rawSql(`${change}.data`);
  return sql`case ${kind} when 'CHURN_RISK_BAND_CHANGED' then ${data} ->> 'to'
    when 'CHURN_RISK_FLAGGED' then ${flaggedKey}::text end`;
}
