import type { Sql } from '../../platform/database.ts';
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
  sql: Sql,
  workspaceId: string,
  { id, subject, version }: RunningBuild,
  now: Date,
): Promise<void> {
  const { activate, clause } = requireSubjectKind(subject.kind);
  const definitions = await loadDefinitions(sql, workspaceId);
  const isDependedOn = hasDependants(definitions, subject.id, clause);
  await activate(sql, workspaceId, {
    buildId: id,
    subjectId: subject.id,
    version,
    now,
    isDependedOn,
  });
  await sql.query('delete from build_place where workspace_id = $1 and build_id = $2', [
    workspaceId,
    id,
  ]);
  bumpRulesVersion(sql, workspaceId);
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
