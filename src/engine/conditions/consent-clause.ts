import { sql } from '../../platform/sql.ts';
import { decisionsAbout, latestDecision } from '../customers/consents.ts';
import type { ConditionKind } from './condition.ts';
import { ConsentCondition } from './filter.ts';
import type { Evidence, EvidenceQuery, FilterClause } from './filter-clause.ts';

const consentKind: ConditionKind<ConsentCondition> = {
  name: 'consent',
  compile: (data, scope) => scope.consent(data),
};

export const consentClause: FilterClause<ConsentCondition> = {
  name: 'consent',
  input: ConsentCondition,
  resolve: (data) => ({ kind: consentKind, data }),
  explain: consentEvidence,
};

/** The state and the event with the decision that is in force. */
async function consentEvidence(
  condition: ConsentCondition,
  { db, customerId, at }: EvidenceQuery,
): Promise<Partial<Evidence>> {
  const { rows } = await db.query<{ state: string; eventId: string }>(sql`
    select r.state, r.event_id as "eventId" from consent r
    join customer c on c.workspace_id = ${db.workspaceId}::uuid and c.id = r.customer_id
      and ${customerId}::uuid in (c.id, c.merged_into)
    where ${decisionsAbout(condition, db.workspaceId)} and r.at <= ${at}::timestamptz
    order by ${latestDecision} limit 1`);
  const [decision] = rows;
  return { actual: decision?.state ?? 'UNKNOWN', eventIds: decision ? [decision.eventId] : [] };
}
