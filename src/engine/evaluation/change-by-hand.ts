import type { Transaction } from '../../platform/database.ts';
import type { NewChange } from '../changes/kinds.ts';
import { evaluateCustomers, lockCustomers, type StoredCustomer } from './evaluate-customers.ts';
import { recordChanges } from './record-changes.ts';
import { loadRules, type Rules } from './rules.ts';

/** The result of a change by hand. */
export interface HandChange {
  /** The changed customers, which are evaluated again. */
  changed: ReadonlySet<string>;
  changes: readonly NewChange[];
}

/**
 * Changes customers by hand: evaluates due customers, applies the change, evaluates the changed customers and records
 * all changes. Requires `lockWorkspace`. `review` may reject or complete the changes that the rules made as a result.
 */
export async function changeByHand(
  db: Transaction,
  { customerIds, now }: { customerIds: readonly string[]; now: Date },
  apply: (customers: readonly StoredCustomer[], rules: Rules) => Promise<HandChange>,
  review = (consequences: readonly NewChange[]) => consequences,
): Promise<HandChange> {
  const rules = await loadRules(db);
  const due = await lockCustomers(db, customerIds);
  const overdue = await evaluateCustomers(db, due, { horizon: now, rules });
  const customers = await lockCustomers(db, customerIds);
  const change = await apply(customers, rules);
  const affected = customers.filter(({ id }) => change.changed.has(id));
  const trigger = { at: now, cause: 'MANUAL', eventId: null, late: false } as const;
  const consequences = await evaluateCustomers(db, affected, { trigger, rules });
  const all = [...overdue, ...change.changes, ...review(consequences)];
  recordChanges(db, rules, all, now);
  return change;
}

/** When a change by hand takes effect: not before the latest evaluation of the customer. */
export const effectiveAt = (
  { evaluatedAt }: Pick<StoredCustomer, 'evaluatedAt'>,
  now: Date,
): Date => (evaluatedAt > now ? evaluatedAt : now);
