import type { InputFieldMap } from '@pothos/core';
import type { Condition } from '../../src/engine/conditions/condition.ts';
import type { Filter } from '../../src/engine/conditions/filter.ts';
import { InvalidFilter } from '../../src/engine/conditions/invalid-filter.ts';
import { parseFilter } from '../../src/engine/conditions/parse-filter.ts';
import { resolveFilter } from '../../src/engine/conditions/resolve.ts';
import { loadVocabulary } from '../../src/engine/conditions/vocabulary.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import { builder, type InputField } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { isStorable } from '../kernel/global-id.ts';
import { perOperation } from '../kernel/per-operation.ts';
import {
  ConsentConditionInput,
  DidConditionInput,
  FactConditionInput,
  IdentityConditionInput,
  TagConditionInput,
  TraitConditionInput,
} from './filter-clauses.ts';

type Maybe<T> = T | null | undefined;

/** A filter as received. `parseFilter` checks its parts. */
export interface FilterInput {
  all?: Maybe<FilterInput[]>;
  any?: Maybe<FilterInput[]>;
  not?: Maybe<FilterInput>;
  trait?: Maybe<object>;
  fact?: Maybe<object>;
  did?: Maybe<object>;
  identity?: Maybe<object>;
  consent?: Maybe<object>;
  tag?: Maybe<object>;
}

type ClauseFields = (t: InputField) => InputFieldMap;

const domainClauses: ClauseFields[] = [];

/** Adds clauses of a later domain to `CustomerFilter`. */
export const addFilterClauses = (fields: ClauseFields) => domainClauses.push(fields);

export const CustomerFilter = builder.inputRef<FilterInput>('CustomerFilter').implement({
  description:
    'Selects customers, in lists, segments and the rules of stages. At most 8 levels deep and 200 nodes. A comparison with an absent value is false, negated comparisons included: wrap it in `not` to match absent values.',
  isOneOf: true,
  fields: (t) => ({
    all: t.field({
      type: [CustomerFilter],
      description: 'All must match. An empty list matches every customer.',
    }),
    any: t.field({
      type: [CustomerFilter],
      description: 'At least one must match. An empty list matches no customer.',
    }),
    not: t.field({ type: CustomerFilter, description: 'Must not match.' }),
    trait: t.field({ type: TraitConditionInput, description: 'A trait of the customer.' }),
    fact: t.field({ type: FactConditionInput, description: 'A fact derived from the events.' }),
    did: t.field({ type: DidConditionInput, description: 'Events of the customer.' }),
    identity: t.field({
      type: IdentityConditionInput,
      description: 'An identity of the customer.',
    }),
    consent: t.field({ type: ConsentConditionInput, description: 'A consent of the customer.' }),
    tag: t.field({ type: TagConditionInput, description: 'The tags of the customer.' }),
    ...Object.assign({}, ...domainClauses.map((fields) => fields(t))),
  }),
});

/**
 * The validated filter in its stored form. Keys of segments and lifecycles are not resolved.
 * @throws InvalidFilter
 */
export function toFilter(input: FilterInput, path = 'where'): Filter {
  return parseFilter(toStored(input, path), path);
}

/** Converts the internal values of the schema to those that are stored: times and kinds of events. */
function toStored(value: unknown, at: string): unknown {
  if (value instanceof Date) return toInstant(value, at);
  if (typeof value === 'string' && !isStorable(value)) {
    throw new InvalidFilter(at, 'holds a NUL character or half of a surrogate pair');
  }
  if (Array.isArray(value)) return value.map((part, index) => toStored(part, `${at}.${index}`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const stored = toStored(part, `${at}.${key}`);
      return [key, key === 'kind' && at.endsWith('.did') ? toKind(stored) : stored];
    }),
  );
}

function toInstant(value: Date, at: string): string {
  const text = value.toISOString();
  // RFC 3339 allows the year zero, PostgreSQL does not.
  if (text.startsWith('0000')) throw new InvalidFilter(at, 'lies before the year 1');
  return text;
}

const toKind = (kind: unknown) => (typeof kind === 'string' ? kind.toUpperCase() : kind);

/** What filters refer to by key, and the active churn model. */
export const vocabularyOf = perOperation(({ tx, workspaceId }) =>
  loadVocabulary(sqlThrough(tx, workspaceId)),
);

/**
 * The filter with its references resolved in the present state of the workspace.
 * @throws InvalidFilter with the path to the first error
 */
export async function requireCondition(
  ctx: RequestContext,
  input: FilterInput,
  path = 'where',
): Promise<Condition> {
  const filter = toFilter(input, path);
  return resolveFilter(filter, await vocabularyOf(ctx), path);
}
