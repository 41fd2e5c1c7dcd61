import type { Evidence, EvidenceQuery } from '../../../engine/conditions/filter-clause.ts';
import { rawSql, sql } from '../../../platform/sql.ts';
import { bandRuleSet, flagRuleSet } from './risk-placements.ts';
import { scoreSql } from './risk-sql.ts';

interface RiskValues {
  score: number | null;
  lifetimeValue: number | null;
}

/** The customer's risk and lifetime value; null without an active model. */
export async function riskEvidence(
  _input: unknown,
  query: EvidenceQuery,
): Promise<Partial<Evidence>> {
  const { placements, vocabulary } = query;
  if (!vocabulary.riskModel) return { actual: null };
  const band = placements.get(bandRuleSet);
  const actual = {
    ...(await loadValues(vocabulary.riskModel, query)),
    band: band?.stageKey ?? null,
    since: band ? new Date(band.since).toISOString() : null,
    flagged: placements.has(flagRuleSet),
  };
  return { actual };
}

async function loadValues(
  model: Parameters<typeof scoreSql>[0],
  { db, customerId, at }: EvidenceQuery,
): Promise<RiskValues | undefined> {
  const scope = {
    at: sql`${at}::timestamptz`,
    column: (name: string) => rawSql(`c.${name}`),
  };
  const { rows } = await db.query<RiskValues>(sql`
    select ${scoreSql(model, scope)} as score, r.lifetime_value::float8 as "lifetimeValue"
    from customer c
    left join customer_risk r on r.workspace_id = c.workspace_id and r.customer_id = c.id
    where c.workspace_id = ${db.workspaceId}::uuid and c.id = ${customerId}::uuid`);
  return rows[0];
}
