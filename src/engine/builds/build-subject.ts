import type { Transaction } from '../../platform/database.ts';

declare module '../extensions.ts' {
  interface Extension {
    /** The kinds of definitions that are built for all customers in the background. */
    buildSubjects?: readonly BuildSubjectKind[];
  }
}

/** The object that a definition belongs to, such as a segment or a lifecycle. */
export interface BuildSubject {
  kind: string;
  id: string;
}

/** A build that has evaluated all customers. */
export interface FinishedBuild {
  buildId: string;
  subjectId: string;
  version: number;
  now: Date;
  /** Whether other rules, active or in a build, may depend on its placements. */
  isDependedOn: boolean;
}

/** What a domain hands in for each kind of definition that it builds. */
export interface BuildSubjectKind {
  kind: string;
  /** The filter clause by which other definitions depend on one of this kind. */
  clause: string;
  /** Logs the moves of customers under the finished definition, and replaces the active definition with it. */
  activate(db: Transaction, build: FinishedBuild): Promise<void>;
}
