import type { ChangeActor, NewChange } from '../../engine/changes/kinds.ts';
import type { Filter } from '../../engine/conditions/filter.ts';
import { changeByHand, effectiveAt } from '../../engine/evaluation/change-by-hand.ts';
import type { StoredCustomer } from '../../engine/evaluation/evaluate-customers.ts';
import type { Placement } from '../../engine/evaluation/outcome.ts';
import { loadPlacements } from '../../engine/evaluation/placements.ts';
import type { Rules } from '../../engine/evaluation/rules.ts';
import type { Transaction } from '../../platform/database.ts';
import { DomainError } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';

/** A rule would move the customer to another stage at once, so the move would not last. */
export class MoveRefused extends DomainError {
  readonly code = 'MOVE_REFUSED';
  override readonly status = 409;
  /** The stage whose rule matches, and that rule. */
  readonly stageKey: string;
  readonly rule: Filter;

  constructor(to: string, stageKey: string, rule: Filter) {
    super(
      `The rule of ${stageKey} matches this customer and would move it there from ${to} at once. ` +
        'Pin the move, or change the rules.',
    );
    this.stageKey = stageKey;
    this.rule = rule;
  }
}

export interface ManualMove {
  customerId: string;
  lifecycleId: string;
  /** The key of a stage of the active lifecycle. */
  to: string;
  /** Rules leave the customer in the stage until then; infinite for no end; undefined for no new pin. */
  pinnedUntil: Date | 'infinity' | undefined;
  now: Date;
  actor: ChangeActor;
  reason: string;
}

/**
 * Moves a customer by hand. A move to the customer's present stage changes only the pin. Returns whether
 * the customer moved. The workspace must be locked.
 *
 * @throws MoveRefused for a move without a pin that a rule would revert
 */
export async function moveByHand(db: Transaction, move: ManualMove): Promise<boolean> {
  const { customerId, now } = move;
  const { changes } = await changeByHand(
    db,
    { customerIds: [customerId], now },
    async ([customer], rules) => {
      const moves = customer ? await applyMove(db, move, { customer, rules }) : [];
      return { changed: new Set([customerId]), changes: moves };
    },
    (consequences) => refuseIfReverted(move, consequences),
  );
  return changes.length > 0;
}

/** The rules were evaluated with the customer in its new stage: they must have left it there. */
function refuseIfReverted({ lifecycleId, to }: ManualMove, consequences: readonly NewChange[]) {
  for (const change of consequences) {
    if (change.kind !== 'STAGE_CHANGED' || change.data.lifecycle !== lifecycleId) continue;
    throw new MoveRefused(to, change.data.to ?? '', change.data.rule as Filter);
  }
  return consequences;
}

async function applyMove(
  db: Transaction,
  move: ManualMove,
  { customer, rules }: { customer: StoredCustomer; rules: Rules },
): Promise<NewChange[]> {
  const placements = await loadPlacements(db, rules, [customer.id]);
  const from = placements.get(customer.id)?.get(move.lifecycleId);
  if (from?.stageKey !== move.to) {
    return [await storeMove(db, from, { ...move, at: effectiveAt(customer, move.now) })];
  }
  if (move.pinnedUntil !== undefined) await setPin(db, move, move.pinnedUntil);
  return [];
}

async function storeMove(
  db: Transaction,
  from: Placement | undefined,
  move: ManualMove & { at: Date },
): Promise<NewChange> {
  const { customerId, lifecycleId, to, at, actor, reason } = move;
  const { rows } = await db.query<{ version: number; rule: Filter }>(sql`
    select l.version, s.entry as rule from lifecycle l
    join stage s on s.workspace_id = l.workspace_id and s.lifecycle_id = l.id
    where l.workspace_id = ${db.workspaceId} and l.id = ${lifecycleId} and s.key = ${to}`);
  const [stage] = rows;
  if (!stage) throw new Error(`Stage ${to} does not exist`);
  await db.query(sql`
    insert into customer_stage as previous
      (workspace_id, customer_id, lifecycle_id, stage_key, since, pinned_until)
    values (${db.workspaceId}, ${customerId}, ${lifecycleId}, ${to}, ${at}, ${move.pinnedUntil ?? null})
    on conflict (workspace_id, customer_id, lifecycle_id) do update
      set left_at = previous.left_at || jsonb_build_object(previous.stage_key, excluded.since),
        stage_key = excluded.stage_key, since = excluded.since,
        pinned_until = excluded.pinned_until`);
  const data = {
    lifecycle: lifecycleId,
    version: stage.version,
    from: from?.stageKey ?? null,
    to,
    rule: stage.rule,
    cause: 'MANUAL' as const,
    event: null,
    late: false,
    actor,
    reason,
  };
  return { kind: 'STAGE_CHANGED', customerId, at, data };
}

async function setPin(
  db: Transaction,
  { customerId, lifecycleId }: Pick<ManualMove, 'customerId' | 'lifecycleId'>,
  pinnedUntil: ManualMove['pinnedUntil'] | null,
) {
  const { rowCount } = await db.query(sql`
    update customer_stage set pinned_until = ${pinnedUntil}
    where workspace_id = ${db.workspaceId} and customer_id = ${customerId}
      and lifecycle_id = ${lifecycleId}
      and pinned_until is distinct from ${pinnedUntil}`);
  return rowCount === 1;
}

type UnpinOptions = Pick<ManualMove, 'customerId' | 'lifecycleId' | 'now' | 'actor'> & {
  reason?: string;
};

/**
 * Removes a customer's pin, so that rules move it again: at once if one matches. The log names the actor
 * of such a move, and the reason if given. Returns whether there was a pin. The workspace must be locked.
 */
export async function unpin(db: Transaction, options: UnpinOptions): Promise<boolean> {
  const { customerId, now } = options;
  const { changed } = await changeByHand(
    db,
    { customerIds: [customerId], now },
    async () => {
      const wasPinned = await setPin(db, options, null);
      return { changed: new Set(wasPinned ? [customerId] : []), changes: [] };
    },
    (consequences) => consequences.map((change) => withActor(change, options)),
  );
  return changed.size > 0;
}

/** Adds the actor and the reason to a move in the lifecycle whose pin was removed. */
function withActor(change: NewChange, { lifecycleId, actor, reason }: UnpinOptions): NewChange {
  if (change.kind !== 'STAGE_CHANGED' || change.data.lifecycle !== lifecycleId) return change;
  return { ...change, data: { ...change.data, actor, ...(reason && { reason }) } };
}
