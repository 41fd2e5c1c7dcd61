import type { Filter } from '../conditions/filter.ts';

/** A stage of a definition. */
export interface StageDefinition {
  /** Empty for a set that has only members. */
  key: string;
  entry: Filter;
  stay: Filter | null;
}

/** The definition of a rule set, active or in a running build. */
export interface Definition {
  /** The name of its kind. */
  kind: string;
  subjectId: string;
  version: number;
  /** Null for the active definition. */
  buildId: string | null;
  stages: StageDefinition[];
}
