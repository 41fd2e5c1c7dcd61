import type { Sql } from '../../platform/database.ts';
import type { NewChange } from '../changes/kinds.ts';
import { loadAbsent } from './absent.ts';
import { advanceStored, type Outcome } from './advance.ts';
import { storeDue } from './due.ts';
import { movesToChanges } from './moves-to-changes.ts';
import type { Rules } from './rules.ts';
import { loadStandings } from './standing.ts';
import { storeOutcomes } from './store-outcomes.ts';
import type { Cause, Step, Story } from './walk.ts';

export interface StoredCustomer {
  id: string;
  evaluatedAt: Date;
  dueAt: Date | null;
  dueCause: Cause | null;
}

/** Locks customers against everybody else who would evaluate them, in the order of their ids. */
export async function lockCustomers(
  sql: Sql,
  workspaceId: string,
  ids: readonly string[],
): Promise<StoredCustomer[]> {
  const { rows } = await sql.query<StoredCustomer>(
    `select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause"
     from unnest($2::uuid[]) as asked (customer_id) cross join lateral (
       select * from customer
       where workspace_id = $1 and id = asked.customer_id and merged_into is null
       offset 0 for no key update) as customer`,
    [workspaceId, ids.toSorted()],
  );
  return rows;
}

/** Why customers are evaluated, if not because something fell due. */
export interface Occasion extends Pick<Step, 'cause' | 'eventId' | 'late'> {
  at: Date;
}

/**
 * Evaluates customers as they are stored: whatever has fallen due up to the horizon and, with an
 * occasion, at its instant (or where the customer's story has got to, if that is later). Stores where
 * they get to and answers what is to be appended to the log. The customers have to be locked.
 */
export async function evaluateCustomers(
  sql: Sql,
  workspaceId: string,
  customers: readonly StoredCustomer[],
  { horizon, occasion, rules }: { horizon?: Date; occasion?: Occasion; rules: Rules },
): Promise<NewChange[]> {
  if (customers.length === 0) return [];
  const ids = customers.map(({ id }) => id);
  const isRefit = occasion?.cause === 'MODEL_REFIT';
  const [standings, absent] = await Promise.all([
    loadStandings(sql, workspaceId, rules, ids),
    loadAbsent(sql, workspaceId, ids, rules.needs),
  ]);
  const stories = customers.map(({ id, evaluatedAt, dueAt, dueCause }): Story => {
    return {
      customerId: id,
      standing: standings.get(id) ?? new Map(),
      ...dueOf({ evaluatedAt, dueAt, dueCause }, isRefit ? { riskModel: null } : rules),
      steps: occasion ? [stepFor(occasion, evaluatedAt)] : [],
      horizon: horizon?.getTime() ?? Number.NEGATIVE_INFINITY,
    };
  });
  const outcomes = await advanceStored(sql, workspaceId, rules.compile('stored', absent), stories);
  storeOutcomes(sql, workspaceId, outcomes, rules);
  storeDue(sql, workspaceId, outcomes);
  return changesInOrder(outcomes, rules);
}

/**
 * When a customer falls due, and why. Whoever was evaluated last before the present risk model came into
 * force meets it at the instant at which it did.
 */
export function dueOf(
  { evaluatedAt, dueAt, dueCause }: Pick<StoredCustomer, 'evaluatedAt' | 'dueAt' | 'dueCause'>,
  { riskModel }: Pick<Rules, 'riskModel'>,
): Pick<Story, 'due' | 'dueCause'> {
  const due = dueAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const activated = riskModel ? Date.parse(riskModel.activatedAt) : Number.NEGATIVE_INFINITY;
  if (evaluatedAt.getTime() >= activated || due < activated) {
    return { due, dueCause: dueCause ?? undefined };
  }
  return { due: activated, dueCause: 'MODEL_REFIT' };
}

function stepFor({ at, ...occasion }: Occasion, evaluatedAt: Date): Step {
  return { ...occasion, at: Math.max(at.getTime(), evaluatedAt.getTime()) };
}

/** By the time at which things happened; of one instant, customer by customer. */
function changesInOrder(
  outcomes: readonly Outcome[],
  { riskModel }: Pick<Rules, 'riskModel'>,
): NewChange[] {
  const changes = outcomes.flatMap(({ customerId, moves }) =>
    movesToChanges(customerId, moves, riskModel),
  );
  return changes.sort((a, b) => a.at.getTime() - b.at.getTime());
}
