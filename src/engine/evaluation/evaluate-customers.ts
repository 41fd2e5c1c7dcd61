import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { MoveCause, NewChange } from '../changes/kinds.ts';
import { storeDue } from './due.ts';
import { evaluateStored } from './evaluate-inputs.ts';
import { loadAbsentData } from './load-absent-data.ts';
import { movesToChanges } from './moves-to-changes.ts';
import type { EvaluationOutcome, EvaluationStep } from './outcome.ts';
import { loadPlacements, placedIn } from './placements.ts';
import type { EvaluationInput } from './replay.ts';
import type { RuleSets, Rules } from './rules.ts';
import { storeOutcomes } from './store-outcomes.ts';

export interface StoredCustomer {
  id: string;
  evaluatedAt: Date;
  dueAt: Date | null;
  dueCause: MoveCause | null;
}

/** Locks customers against concurrent evaluation, in the order of their ids to avoid deadlocks. */
export async function lockCustomers(
  db: Transaction,
  ids: readonly string[],
): Promise<StoredCustomer[]> {
  const { rows } = await db.query<StoredCustomer>(sql`
    select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause"
    from unnest(${ids.toSorted()}::uuid[]) as wanted (customer_id) cross join lateral (
      select * from customer
      where workspace_id = ${db.workspaceId} and id = wanted.customer_id and merged_into is null
      offset 0 for no key update) as customer`);
  return rows;
}

/** The reason to evaluate customers that are not due. */
export interface EvaluationTrigger extends Pick<EvaluationStep, 'cause' | 'eventId' | 'late'> {
  at: Date;
}

/**
 * Evaluates stored customers at the instants up to the horizon at which they were due, and with a trigger at its
 * instant or at that of their last evaluation, whichever is later. Stores the outcome and returns the changes to
 * append to the log. Requires `lockCustomers`.
 */
export async function evaluateCustomers(
  db: Transaction,
  customers: readonly StoredCustomer[],
  { horizon, trigger, rules }: { horizon?: Date; trigger?: EvaluationTrigger; rules: Rules },
): Promise<NewChange[]> {
  if (customers.length === 0) return [];
  const ids = customers.map(({ id }) => id);
  const [placements, absent] = await Promise.all([
    loadPlacements(db, rules, ids),
    loadAbsentData(db, ids, rules.needs),
  ]);
  const inputs = customers.map(
    (customer): EvaluationInput => ({
      customerId: customer.id,
      placements: placements.get(customer.id) ?? new Map(),
      ...dueOf(customer, rules, trigger),
      steps: trigger ? [stepFor(trigger, customer.evaluatedAt)] : [],
      horizon: horizon?.getTime() ?? Number.NEGATIVE_INFINITY,
    }),
  );
  const compiled = rules.compile('stored', absent, placedIn(rules.sets, inputs));
  const outcomes = await evaluateStored(db, compiled, inputs);
  storeOutcomes(db, outcomes, rules);
  storeDue(db, outcomes);
  return changesInOrder(outcomes, rules);
}

/**
 * When a customer is due, and why. A customer last evaluated before rules were activated is due at their activation,
 * unless the trigger is that activation.
 */
export function dueOf(
  { evaluatedAt, dueAt, dueCause }: Pick<StoredCustomer, 'evaluatedAt' | 'dueAt' | 'dueCause'>,
  { groups }: Pick<RuleSets, 'groups'>,
  trigger?: Pick<EvaluationTrigger, 'cause'>,
): Pick<EvaluationInput, 'due' | 'dueCause'> {
  let due = dueAt?.getTime() ?? Number.POSITIVE_INFINITY;
  let cause = dueCause ?? undefined;
  for (const { activation } of groups.values()) {
    if (!activation || activation.cause === trigger?.cause) continue;
    if (evaluatedAt.getTime() >= activation.at || due < activation.at) continue;
    due = activation.at;
    cause = activation.cause;
  }
  return { due, dueCause: cause };
}

function stepFor({ at, ...trigger }: EvaluationTrigger, evaluatedAt: Date): EvaluationStep {
  return { ...trigger, at: Math.max(at.getTime(), evaluatedAt.getTime()) };
}

/** Sorts by time; changes at one instant stay grouped by customer. */
function changesInOrder(
  outcomes: readonly EvaluationOutcome[],
  rules: Pick<RuleSets, 'groups' | 'sets'>,
): NewChange[] {
  const changes = outcomes.flatMap(({ customerId, moves }) =>
    movesToChanges(customerId, moves, rules),
  );
  return changes.sort((a, b) => a.at.getTime() - b.at.getTime());
}
