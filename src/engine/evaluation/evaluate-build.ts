import type { Transaction } from '../../platform/database.ts';
import { sql, unnestRows } from '../../platform/sql.ts';
import { loadVocabulary } from '../conditions/vocabulary.ts';
import type { Definition } from './definition.ts';
import { loadDefinitions, requireKind } from './definitions.ts';
import { announceDue, toInstant } from './due.ts';
import type { StoredCustomer } from './evaluate-customers.ts';
import { evaluateStored } from './evaluate-inputs.ts';
import { loadAbsentData } from './load-absent-data.ts';
import type { Difference, EvaluationOutcome, Placements } from './outcome.ts';
import { loadPlacements, placedIn } from './placements.ts';
import type { EvaluationInput } from './replay.ts';
import { compileRuleSets } from './rules.ts';
import { storeBuildPlacements } from './store-build-placements.ts';

type BuildDefinition = Definition & { buildId: string };

/** Evaluates a definition in a build for customers, as of now or of their last evaluation. Stores nothing. */
async function evaluateDefinition(
  db: Transaction,
  definition: BuildDefinition,
  customers: readonly StoredCustomer[],
  now: Date,
): Promise<EvaluationOutcome[]> {
  const vocabulary = await loadVocabulary(db);
  const kind = requireKind(definition.kind);
  const rules = compileRuleSets(db.workspaceId, vocabulary, [definition], [kind]);
  const ids = customers.map(({ id }) => id);
  const [stored, absent] = await Promise.all([
    loadPlacements(db, rules, ids),
    loadAbsentData(db, ids, rules.needs),
  ]);
  const inputs = customers.map((customer) => {
    const placements = initialPlacements(definition, stored.get(customer.id) ?? new Map());
    return inputFor(customer, placements, now);
  });
  const compiled = rules.compile('stored', absent, placedIn(rules.sets, inputs));
  return evaluateStored(db, compiled, inputs);
}

const inputFor = (
  { id, evaluatedAt }: StoredCustomer,
  placements: Placements,
  now: Date,
): EvaluationInput => ({
  customerId: id,
  placements,
  due: Number.POSITIVE_INFINITY,
  steps: [
    {
      at: Math.max(now.getTime(), evaluatedAt.getTime()),
      late: false,
      cause: 'DEFINITION',
      eventId: null,
    },
  ],
  horizon: Number.NEGATIVE_INFINITY,
});

/** A customer starts with its placement under the active definition, if the new one has that stage. */
export function initialPlacements(
  { subjectId, buildId, stages }: Pick<BuildDefinition, 'subjectId' | 'buildId' | 'stages'>,
  stored: Placements,
): Placements {
  const placements = new Map(stored);
  const active = stored.get(subjectId);
  placements.delete(buildId);
  if (active && stages.some(({ key }) => key === active.stageKey)) {
    placements.set(buildId, active);
  }
  return placements;
}

/**
 * Adds customers to a build: stores their placements under its definition and when these may change. Later evaluations
 * keep them up to date. Requires `lockRulesExclusive`.
 */
export async function evaluateBuild(
  db: Transaction,
  buildId: string,
  customers: readonly StoredCustomer[],
  now: Date,
): Promise<void> {
  const definition = await requireBuild(db, buildId);
  const outcomes = await evaluateDefinition(db, definition, customers, now);
  storeBuildPlacements(db, buildDifferences(definition, outcomes));
  await advanceDueTimes(db, outcomes);
}

async function requireBuild(db: Transaction, buildId: string) {
  const definitions = await loadDefinitions(db);
  const definition = definitions.find((one) => one.buildId === buildId);
  if (!definition) throw new Error(`Build ${buildId} is not running.`);
  return { ...definition, buildId };
}

/** Includes placements that customers start with and keep: these are not moves, but must be stored. */
const buildDifferences = (
  { kind, buildId }: BuildDefinition,
  outcomes: readonly EvaluationOutcome[],
): Difference[] =>
  outcomes.flatMap(({ customerId, before, placements }) => {
    const placement = placements.get(buildId);
    if (!placement && !before.has(buildId)) return [];
    return [{ customerId, set: { id: buildId, kind, buildId }, placement }];
  });

async function advanceDueTimes(db: Transaction, outcomes: readonly EvaluationOutcome[]) {
  const timed = outcomes.filter(({ due }) => Number.isFinite(due));
  if (timed.length === 0) return;
  await db.query(sql`
    update customer c set due_at = row.due_at
    from ${unnestRows('row', timed, {
      id: ['uuid', ({ customerId }) => customerId],
      due_at: ['timestamptz', ({ due }) => toInstant(due)],
    })}
    where c.workspace_id = ${db.workspaceId}::uuid and c.id = row.id
      and (c.due_at is null or c.due_at > row.due_at)`);
  announceDue(db, timed);
}
