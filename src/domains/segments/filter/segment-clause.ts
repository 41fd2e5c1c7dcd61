import type { z } from 'zod';
import type { Condition, ConditionKind } from '../../../engine/conditions/condition.ts';
import type {
  FilterClause,
  ReferencedFilter,
  ResolveContext,
} from '../../../engine/conditions/filter-clause.ts';
import { InvalidFilter } from '../../../engine/conditions/invalid-filter.ts';
import { findByKey, isSameKey, unknownKey } from '../../../engine/conditions/named.ts';
import { shape } from '../../../engine/conditions/shape.ts';
import type { Vocabulary } from '../../../engine/conditions/vocabulary.ts';
import { sql } from '../../../platform/sql.ts';

const SegmentCondition = shape.oneOf({ in: shape.texts, notIn: shape.texts });
export type SegmentCondition = z.infer<typeof SegmentCondition>;

declare module '../../../engine/conditions/filter.ts' {
  interface FilterClauses {
    segment: SegmentCondition;
  }
}

/** A segment means its filter, or the list of its members. */
export const segmentClause: FilterClause<SegmentCondition> = {
  name: 'segment',
  input: SegmentCondition,
  resolve(input, context) {
    const meanings = keysOf(input).map((key) => resolveSegment(key, context));
    return input.in ? { any: meanings } : { not: { any: meanings } };
  },
  expand: (input, { segments }) =>
    keysOf(input).flatMap((key) => expandSegment(findByKey(segments, key))),
};

export const keysOf = (input: SegmentCondition): string[] => input.in ?? input.notIn ?? [];

function resolveSegment(
  key: string,
  { vocabulary, path, owner, enclosing, resolveWithin }: ResolveContext,
): Condition {
  const segment = findByKey(vocabulary.segments, key);
  if (!segment) throw unknownKey(path, 'segment', key, vocabulary.segments);
  if (enclosing.includes(segment.id) || isSameKey(segment.key, owner.ownSegmentKey ?? '')) {
    throw new InvalidFilter(path, `"${segment.key}" would be defined by itself`);
  }
  return segment.filter
    ? resolveWithin(segment.id, segment.filter)
    : { kind: listedKind, data: [segment.id] };
}

const expandSegment = (segment: Vocabulary['segments'][number] | undefined): ReferencedFilter[] =>
  segment?.filter ? [{ step: `segment.${segment.key}`, filter: segment.filter }] : [];

/** Whether the customer is on one of the lists with these ids. */
const listedKind: ConditionKind<string[]> = {
  name: 'listed',
  compile: (segmentIds, scope) =>
    scope.isIn({
      from: sql`segment_member l`,
      where: sql`l.workspace_id = ${scope.workspaceId}::uuid
        and l.segment_id = any(${segmentIds}::uuid[])`,
      customerId: sql`l.customer_id`,
    }),
};
