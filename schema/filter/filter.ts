import type { Filter } from '../../src/engine/conditions/filter.ts';
import { InvalidFilter } from '../../src/engine/conditions/invalid-filter.ts';
import { parseFilter } from '../../src/engine/conditions/parse-filter.ts';
import { type Condition, resolveFilter } from '../../src/engine/conditions/resolve.ts';
import { loadVocabulary } from '../../src/engine/conditions/vocabulary.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { isStorable } from '../kernel/global-id.ts';
import { perOperation } from '../kernel/per-operation.ts';
import {
  ConsentCondition,
  DidCondition,
  FactCondition,
  IdentityCondition,
  RiskCondition,
  SegmentCondition,
  StageCondition,
  TagCondition,
  TraitCondition,
} from './filter-clauses.ts';
import { NumberComparison } from './filter-comparisons.ts';

type Maybe<T> = T | null | undefined;

/** A filter as it arrives; what its parts must be like is `parseFilter`'s to say. */
export interface FilterInput {
  all?: Maybe<FilterInput[]>;
  any?: Maybe<FilterInput[]>;
  not?: Maybe<FilterInput>;
  trait?: Maybe<object>;
  fact?: Maybe<object>;
  did?: Maybe<object>;
  stage?: Maybe<object>;
  segment?: Maybe<object>;
  identity?: Maybe<object>;
  consent?: Maybe<object>;
  tag?: Maybe<object>;
  risk?: Maybe<object>;
  lifetimeValue?: Maybe<object>;
}

export const CustomerFilter = builder.inputRef<FilterInput>('CustomerFilter').implement({
  description:
    'Which customers: the one language of lists, segments and the rules of stages. At most 8 deep and 200 nodes. A comparison of a value that is absent does not hold, the negated ones included: put it into `not` for that.',
  isOneOf: true,
  fields: (t) => ({
    all: t.field({ type: [CustomerFilter], description: 'Every one holds; of none, everybody.' }),
    any: t.field({ type: [CustomerFilter], description: 'At least one holds; of none, nobody.' }),
    not: t.field({ type: CustomerFilter, description: 'It does not hold.' }),
    trait: t.field({ type: TraitCondition, description: 'What somebody told about it.' }),
    fact: t.field({ type: FactCondition, description: 'What is kept about it.' }),
    did: t.field({ type: DidCondition, description: 'What it did.' }),
    stage: t.field({ type: StageCondition, description: 'Its place in a lifecycle.' }),
    segment: t.field({ type: SegmentCondition, description: 'Its segments.' }),
    identity: t.field({ type: IdentityCondition, description: 'A name it is known by.' }),
    consent: t.field({ type: ConsentCondition, description: 'What it agreed to.' }),
    tag: t.field({ type: TagCondition, description: 'Its tags.' }),
    risk: t.field({ type: RiskCondition, description: 'The danger of losing it.' }),
    lifetimeValue: t.field({
      type: NumberComparison,
      description:
        'What it is expected to spend within a year, as of just after its last order or renewal and discounted by 10 % a year, in minor units; the silence since is what `risk` is about. Holds of nobody without a model.',
    }),
  }),
});

/**
 * The filter in the form in which it is stored, checked by itself; names are not looked up.
 * @throws InvalidFilter
 */
export function toFilter(input: FilterInput, path = 'where'): Filter {
  return parseFilter(toTold(input, path), path);
}

/** Kinds of events are lower-case words inside; instants and all else stand as they were sent. */
function toTold(value: unknown, at: string): unknown {
  if (value instanceof Date) return toInstant(value, at);
  if (typeof value === 'string' && !isStorable(value)) {
    throw new InvalidFilter(at, 'holds a NUL character or half of a surrogate pair');
  }
  if (Array.isArray(value)) return value.map((part, index) => toTold(part, `${at}.${index}`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const told = toTold(part, `${at}.${key}`);
      return [key, key === 'kind' && at.endsWith('.did') ? toKind(told) : told];
    }),
  );
}

function toInstant(value: Date, at: string): string {
  const text = value.toISOString();
  // RFC 3339 has a year zero, PostgreSQL has not.
  if (text.startsWith('0000')) throw new InvalidFilter(at, 'lies before the year 1');
  return text;
}

const toKind = (kind: unknown) => (typeof kind === 'string' ? kind.toUpperCase() : kind);

/** What filters may refer to by name, and the churn model in force. */
export const vocabularyOf = perOperation(({ tx, workspaceId }) =>
  loadVocabulary(sqlThrough(tx), workspaceId),
);

/**
 * What the filter means in this workspace at present.
 * @throws InvalidFilter naming the path to the first fault
 */
export async function demandCondition(
  ctx: RequestContext,
  input: FilterInput,
  path = 'where',
): Promise<Condition> {
  const filter = toFilter(input, path);
  return resolveFilter(filter, await vocabularyOf(ctx), path);
}
