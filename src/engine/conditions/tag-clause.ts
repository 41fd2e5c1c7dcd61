import type { z } from 'zod';
import { type Sql, sql } from '../../platform/sql.ts';
import { orFalse } from './compare.ts';
import type { Evidence, EvidenceQuery, FilterClause } from './filter-clause.ts';
import { shape } from './shape.ts';
import { hasFlag } from './trait-clause.ts';
import { traitEvidence } from './trait-evidence.ts';

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

/** The listed tags that the customer has, and the calls that set them. */
async function tagEvidence(
  { in: wanted, notIn }: TagCondition,
  query: EvidenceQuery,
): Promise<Partial<Evidence>> {
  const tags = wanted ?? notIn ?? [];
  const hasAny = query.holds === (wanted !== undefined);
  const isSet = (value: Sql) => ({ steady: orFalse(sql`${value} = 'true'`) });
  const found = await Promise.all(
    [...new Set(tags)].map(async (tag) => ({
      tag,
      ...(await traitEvidence(traitOf(tag), isSet, { ...query, holds: hasAny })),
    })),
  );
  const set = found.filter(({ actual }) => actual === true);
  return {
    actual: set.map(({ tag }) => tag),
    eventIds: [...new Set((hasAny ? set : []).flatMap(({ eventIds = [] }) => eventIds))],
  };
}
