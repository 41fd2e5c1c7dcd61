import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import { loadVocabulary } from '../conditions/vocabulary.ts';
import { loadAbsent } from './absent.ts';
import { advanceStored, type Outcome } from './advance.ts';
import { type Definition, loadDefinitions } from './definitions.ts';
import { announceDue, toInstant } from './due.ts';
import type { StoredCustomer } from './evaluate-customers.ts';
import { compileRules } from './rules.ts';
import { type Held, loadStandings, type Standing } from './standing.ts';
import { storeOutcomes } from './store-outcomes.ts';

/**
 * Where a definition that is not in force would put customers, each as of now or where its story has got
 * to. Nothing is written. A customer sets out from its place under the definition in force, if the new
 * one has that stage.
 */
export async function propose(
  sql: Sql,
  workspaceId: string,
  definition: Definition & { buildId: string },
  customers: readonly StoredCustomer[],
  now: Date,
): Promise<Outcome[]> {
  const vocabulary = await loadVocabulary(sql, workspaceId);
  const rules = compileRules(workspaceId, vocabulary, [definition]);
  const ids = customers.map(({ id }) => id);
  const [present, absent] = await Promise.all([
    loadStandings(sql, workspaceId, rules, ids),
    loadAbsent(sql, workspaceId, ids, rules.needs),
  ]);
  const stories = customers.map(({ id, evaluatedAt }) => ({
    customerId: id,
    standing: settingOut(definition, present.get(id) ?? new Map()),
    due: Number.POSITIVE_INFINITY,
    steps: [
      {
        at: Math.max(now.getTime(), evaluatedAt.getTime()),
        late: false,
        cause: 'DEFINITION' as const,
        eventId: null,
      },
    ],
    horizon: Number.NEGATIVE_INFINITY,
  }));
  return advanceStored(sql, workspaceId, rules.compile('stored', absent), stories);
}

function settingOut(
  { kind, subjectId, buildId, stages }: Definition & { buildId: string },
  present: Standing,
): Standing {
  const standing = new Map(present);
  const held: Held | undefined = present.get(subjectId);
  const isKept = kind === 'LIFECYCLE' && stages.some(({ key }) => key === held?.stageKey);
  standing.delete(buildId);
  if (held && isKept) standing.set(buildId, held);
  return standing;
}

/**
 * Takes customers into a build: notes where its definition puts them, and when that may change. From then
 * on every evaluation keeps the note up to date. The rules have to be locked.
 */
export async function evaluateBuild(
  sql: Sql,
  workspaceId: string,
  buildId: string,
  customers: readonly StoredCustomer[],
  now: Date,
): Promise<void> {
  const definition = await demandBuild(sql, workspaceId, buildId);
  const outcomes = await propose(sql, workspaceId, definition, customers, now);
  // A place that the customer sets out from and stays in is no move, yet it has to be noted.
  storeOutcomes(sql, workspaceId, outcomes, { all: definition.buildId });
  await bringDueForward(sql, workspaceId, outcomes);
}

async function demandBuild(sql: Sql, workspaceId: string, buildId: string) {
  const definitions = await loadDefinitions(sql, workspaceId);
  const definition = definitions.find((one) => one.buildId === buildId);
  if (!definition) throw new Error('The build does not run');
  return { ...definition, buildId };
}

async function bringDueForward(sql: Sql, workspaceId: string, outcomes: readonly Outcome[]) {
  const timed = outcomes.filter(({ due }) => Number.isFinite(due));
  if (timed.length === 0) return;
  const { text, values } = Prisma.sql`
    update customer c set due_at = row.due_at
    from unnest(${timed.map(({ customerId }) => customerId)}::uuid[],
      ${timed.map(({ due }) => toInstant(due))}::timestamptz[]) as row (id, due_at)
    where c.workspace_id = ${workspaceId}::uuid and c.id = row.id
      and (c.due_at is null or c.due_at > row.due_at)`;
  await sql.query(text, values);
  announceDue(sql, workspaceId, timed);
}
