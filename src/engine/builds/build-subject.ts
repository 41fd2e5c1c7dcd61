import type { Transaction } from '../../platform/database.ts';

declare module '../extensions.ts' {
  interface Extension {
    /** The kinds of definitions that are built for all customers in the background. */
    buildSubjects?: readonly BuildSubjectKind[];
  }
}

/** What a definition is of: a segment, a lifecycle. */
export interface BuildSubject {
  kind: string;
  id: string;
}

/** A finished build: all customers are evaluated by its definition. */
export interface FinishedBuild {
  buildId: string;
  subjectId: string;
  version: number;
  now: Date;
  /** Whether other rules, active or in a build, may depend on what changes. */
  isDependedOn: boolean;
}

/** What a domain hands in for each kind of definition that it builds. */
export interface BuildSubjectKind {
  kind: string;
  /** The filter clause by which other definitions depend on one of this kind. */
  clause: string;
  /** Logs where customers move by the finished definition, and replaces the active definition with it. */
  activate(db: Transaction, build: FinishedBuild): Promise<void>;
}
