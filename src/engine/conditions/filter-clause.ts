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
  /** Validates its input. */
  input: z.ZodType<Input>;
  /**
   * Converts the input to a condition, with its names resolved.
   *
   * @throws InvalidFilter for a name that does not exist and for a definition that refers to itself
   */
  resolve(input: Input, context: ResolveContext): Condition;
  /** Finds the evidence for the answer of one customer; no evidence if absent. */
  explain?(input: Input, query: EvidenceQuery): Promise<Partial<Evidence>>;
  /** The filters of other definitions that the input refers to, whose clauses an explanation lists too. */
  expand?(input: Input, vocabulary: Vocabulary): ReferencedFilter[];
}

export interface ResolveContext {
  vocabulary: Vocabulary;
  /** The path of the clause in the filter, for error messages. */
  path: string;
  owner: FilterOwner;
  /** The ids of the definitions that contain the clause, outermost first. */
  enclosing: readonly string[];
  /** Resolves a filter of a referenced definition. */
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

/** The values and events behind an answer. */
export interface Evidence {
  /** The value that was compared, as JSON: a fact, a trait, a measure, a stage. */
  actual: unknown;
  /** The events that decide the answer, at most 100: see `decisive-events.ts`. */
  eventIds: string[];
  /** The events that would satisfy the clause, and how many of them are missing. */
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
