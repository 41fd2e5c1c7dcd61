import type { Transaction } from '../../platform/database.ts';
import { emptySql, joinSql, type Sql, sql } from '../../platform/sql.ts';
import { installedExtensions } from '../extensions.ts';

/** The names that a filter may refer to. Domains add those of their clauses by interface merging. */
export interface Vocabulary {
  timeZone: string;
}

/** The definitions in running builds, by the id of their subject. */
export type PendingDefinitions = ReadonlyMap<string, object>;

declare module '../extensions.ts' {
  interface Extension {
    /** The domain's part of the vocabulary: by name, a select of one JSON value for the workspace `w`. */
    vocabulary?: Readonly<Record<string, Sql>>;
    /** Adds the references of pending definitions, and removes the names that they will remove. */
    addPending?(vocabulary: Vocabulary, pending: PendingDefinitions): Vocabulary;
  }
}

export async function loadVocabulary(db: Transaction): Promise<Vocabulary> {
  const { rows } = await db.query<{ vocabulary: Vocabulary }>(sql`
    select json_build_object('timeZone', w.time_zone${selectParts()}) as vocabulary
    from workspace w where w.id = ${db.workspaceId}::uuid`);
  const [row] = rows;
  if (!row) throw new Error('The workspace does not exist');
  return row.vocabulary;
}

/** The parts of the domains, as further arguments of json_build_object(). */
function selectParts() {
  const parts = installedExtensions().flatMap(({ vocabulary = {} }) => Object.entries(vocabulary));
  const selects = parts.map(([name, select]) => sql`, ${name}::text, (${select})`);
  return joinSql([emptySql, ...selects], '');
}

/**
 * The vocabulary for a filter to be stored: names that exist now and will exist when the running builds are
 * activated. The references of these builds are included, so that two definitions cannot form a cycle.
 */
export async function loadVocabularyWithPending(db: Transaction): Promise<Vocabulary> {
  const vocabulary = await loadVocabulary(db);
  const { rows } = await db.query<{ subjectId: string; definition: object }>(sql`
    select b.subject_id as "subjectId", b.definition
    from build b join job j on j.workspace_id = b.workspace_id and j.id = b.id
    where b.workspace_id = ${db.workspaceId} and j.state = 'RUNNING'`);
  const pending = new Map(rows.map(({ subjectId, definition }) => [subjectId, definition]));
  return installedExtensions().reduce(
    (known, { addPending }) => addPending?.(known, pending) ?? known,
    vocabulary,
  );
}
