import type { z } from 'zod';
import type { Transaction } from '../../platform/database.ts';
import type { Condition } from './condition.ts';
import type { Filter } from './filter.ts';
import type { StagePlacement } from './stage-placement.ts';
import type { Vocabulary } from './vocabulary.ts';

declare module '../extensions.ts' {
  interface Extension {
    clauses?: readonly FilterClause[];
  }
}

/**
 * A clause of the filter language: a field of `CustomerFilter`, declared once. Its input is added to
 * `FilterClauses` by interface merging, its field of the schema to the list of `schema/filter`.
 * Decision 0031.
 */
export interface FilterClause<Input = unknown> {
  /** The key of the clause, as filters are received and stored. */
  name: string;
  /** What its input must be like. */
  input: z.ZodType<Input>;
  /**
   * Looks up the names in the input and says what it means.
   *
   * @throws InvalidFilter for a name that does not exist and for a definition that refers to itself
   */
  resolve(input: Input, context: ResolveContext): Condition;
  /** What the answer for a customer is based on; nothing when absent. */
  explain?(input: Input, query: EvidenceQuery): Promise<Partial<Evidence>>;
  /** Filters of other definitions that the input stands for: an explanation lists their clauses too. */
  expand?(input: Input, vocabulary: Vocabulary): ReferencedFilter[];
}

export interface ResolveContext {
  vocabulary: Vocabulary;
  /** Where the clause is in the filter, for error messages. */
  path: string;
  owner: FilterOwner;
  /** The ids of the definitions that the clause is part of, from the outermost one on. */
  enclosing: readonly string[];
  /** Resolves a filter of the definition with this id. */
  resolveWithin(definitionId: string, filter: Filter): Condition;
}

/** The definition that the filter belongs to; each domain adds how it identifies its own. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by the domains
export interface FilterOwner {}

export interface ReferencedFilter {
  /** Its step in the path of an explanation, such as "segment.VIP". */
  step: string;
  filter: Filter;
}

/** What an answer is based on. */
export interface Evidence {
  /** The value that was compared, as JSON: a fact, a trait, a measure, a stage. */
  actual: unknown;
  /** The events without which the answer would be the other one, newest first, at most 100. */
  eventIds: string[];
  /** Which events would have to happen for the clause to hold, and how many of them. */
  missing: { events: string[]; count: number } | null;
}

/** The customer, the instant and the answer that evidence is looked up for. */
export interface EvidenceQuery {
  db: Transaction;
  vocabulary: Vocabulary;
  customerId: string;
  at: Date;
  placements: ReadonlyMap<string, StagePlacement>;
  holds: boolean;
}
