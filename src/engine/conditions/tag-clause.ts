import type { z } from 'zod';
import { sql } from '../../platform/sql.ts';
import { findIdentifies } from './evidence.ts';
import type { Evidence, EvidenceQuery, FilterClause } from './filter-clause.ts';
import { shape } from './shape.ts';
import { hasFlag } from './trait-clause.ts';

const TagCondition = shape.oneOf({ in: shape.texts, notIn: shape.texts });
export type TagCondition = z.infer<typeof TagCondition>;

declare module './filter.ts' {
  interface FilterClauses {
    tag: TagCondition;
  }
}

const traitOf = (tag: string) => `tag:${tag}`;

/** A tag is a trait with a reserved name and the value true. */
export const tagClause: FilterClause<TagCondition> = {
  name: 'tag',
  input: TagCondition,
  resolve({ in: wanted, notIn }) {
    const tagged = (wanted ?? notIn ?? []).map((tag) => hasFlag(traitOf(tag), true));
    return wanted ? { any: tagged } : { not: { any: tagged } };
  },
  explain: tagEvidence,
};

/** The listed tags that the customer has, and the events that set them. */
async function tagEvidence(
  { in: wanted, notIn }: TagCondition,
  query: EvidenceQuery,
): Promise<Partial<Evidence>> {
  const { db, customerId, holds } = query;
  const tags = wanted ?? notIn ?? [];
  const { rows } = await db.query<{ tag: string }>(sql`
    select tag from customer c, unnest(${tags}::text[]) as tag
    where c.workspace_id = ${db.workspaceId}::uuid and c.id = ${customerId}::uuid
      and c.traits -> ('tag:' || tag) = 'true'`);
  const actual = rows.map(({ tag }) => tag);
  const hasAny = holds === (wanted !== undefined);
  return { actual, eventIds: hasAny ? await findIdentifies(actual.map(traitOf), query) : [] };
}
