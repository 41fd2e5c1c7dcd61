import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { bumpRulesVersion } from '../../platform/workspace-lock.ts';
import type { Definition } from '../evaluation/definition.ts';
import { loadDefinitions } from '../evaluation/definitions.ts';
import type { BuildSubject } from './build-subject.ts';
import { requireSubjectKind } from './require-subject-kind.ts';

/** A build in progress. Decision 0010. */
export interface RunningBuild {
  id: string;
  subject: BuildSubject;
  version: number;
}

/** Activates a finished build: logs the differences and replaces the definition in the transaction given. */
export async function finishBuild(
  db: Transaction,
  { id, subject, version }: RunningBuild,
  now: Date,
): Promise<void> {
  const { activate, clause } = requireSubjectKind(subject.kind);
  const definitions = await loadDefinitions(db);
  const isDependedOn = hasDependants(definitions, subject.id, clause);
  await activate(db, {
    buildId: id,
    subjectId: subject.id,
    version,
    now,
    isDependedOn,
  });
  await db.query(sql`
    delete from build_place where workspace_id = ${db.workspaceId} and build_id = ${id}`);
  bumpRulesVersion(db);
}

/** Whether other definitions, active or in a build, use the clause. */
export function hasDependants(
  definitions: ReadonlyArray<Pick<Definition, 'subjectId' | 'stages'>>,
  subjectId: string,
  clause: string,
): boolean {
  return definitions.some(
    (definition) =>
      definition.subjectId !== subjectId &&
      JSON.stringify(definition.stages).includes(`"${clause}":`),
  );
}
