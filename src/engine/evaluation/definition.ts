import type { Filter } from '../conditions/filter.ts';

/** A stage as it is written. */
export interface StageDefinition {
  /** Empty where a set has members only. */
  key: string;
  entry: Filter;
  stay: Filter | null;
}

/** A rule set as it is written, in force or in a running build. */
export interface Definition {
  /** The name of its kind. */
  kind: string;
  subjectId: string;
  version: number;
  /** Null where it is in force. */
  buildId: string | null;
  stages: StageDefinition[];
}
