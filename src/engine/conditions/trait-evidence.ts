import { type Sql, sql } from '../../platform/sql.ts';
import type { ClauseSql } from './clause.ts';
import { statingEvent } from './decisive-events.ts';
import { readValue } from './evidence.ts';
import type { Evidence, EvidenceQuery } from './filter-clause.ts';

/** The value of a trait, and the call that stated it. */
export async function traitEvidence(
  name: string,
  compare: (value: Sql) => ClauseSql,
  query: EvidenceQuery,
): Promise<Partial<Evidence>> {
  const { db, customerId } = query;
  const actual = await readValue(
    db,
    sql`select c.traits -> ${name}::text as value from customer c
      where c.workspace_id = ${db.workspaceId}::uuid and c.id = ${customerId}::uuid`,
  );
  const isStated = sql`e.kind = 'identify' and jsonb_exists(e.properties, ${name}::text)`;
  const value = sql`e.properties -> ${name}::text`;
  return {
    actual,
    eventIds: await statingEvent(isStated, { value, from: 'LATEST', compare }, query),
  };
}
