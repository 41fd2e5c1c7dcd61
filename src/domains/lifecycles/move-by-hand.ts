import type { Actor, NewChange } from '../../engine/changes/kinds.ts';
import type { Filter } from '../../engine/conditions/filter.ts';
import { evaluateCustomers, lockCustomers } from '../../engine/evaluation/evaluate-customers.ts';
import { recordChanges } from '../../engine/evaluation/record-changes.ts';
import { loadRules } from '../../engine/evaluation/rules.ts';
import { type Held, loadStandings } from '../../engine/evaluation/standing.ts';
import type { Sql } from '../../platform/database.ts';
import { DomainError } from '../../platform/errors.ts';
import { lockWorkspace } from '../../platform/workspace-lock.ts';

/** The rules would take the customer elsewhere at once, so that the move would not last. */
export class MoveRefused extends DomainError {
  readonly code = 'MOVE_REFUSED';
  override readonly status = 409;
  /** The stage whose rule holds, and that rule. */
  readonly stageKey: string;
  readonly rule: Filter;

  constructor(to: string, stageKey: string, rule: Filter) {
    super(
      `The rule of ${stageKey} holds for this customer and would take it there from ${to} at once. ` +
        'Pin the move, or change the rules.',
    );
    this.stageKey = stageKey;
    this.rule = rule;
  }
}

export interface ManualMove {
  customerId: string;
  lifecycleId: string;
  /** The key of a stage of the lifecycle in force. */
  to: string;
  /** Rules leave the customer there until then; infinite for ever; undefined for no new pin. */
  pinnedUntil: Date | 'infinity' | undefined;
  at: Date;
  actor: Actor;
  reason: string;
}

/**
 * Moves a customer by hand, once what had fallen due before is done; whatever depends on its place
 * follows. A move to where it is already changes the pin alone. Answers whether it moved.
 *
 * @throws MoveRefused for a move without a pin that would not last
 */
export async function moveByHand(
  sql: Sql,
  workspaceId: string,
  request: ManualMove,
): Promise<boolean> {
  const { customerId, lifecycleId } = request;
  lockWorkspace(sql, workspaceId);
  const due = await lockCustomers(sql, workspaceId, [customerId]);
  // A customer's story never goes back, not even by hand.
  const at = new Date(
    Math.max(request.at.getTime(), ...due.map((one) => one.evaluatedAt.getTime())),
  );
  const move = { ...request, at };
  const rules = await loadRules(sql, workspaceId);
  const changes = await evaluateCustomers(sql, workspaceId, due, { horizon: at, rules });
  const standings = await loadStandings(sql, workspaceId, rules, [customerId]);
  const from = standings.get(customerId)?.get(lifecycleId);
  const isMove = from?.stageKey !== move.to;
  if (isMove) changes.push(...(await storeMove(sql, workspaceId, from, move)));
  else if (move.pinnedUntil !== undefined) await setPin(sql, workspaceId, move, move.pinnedUntil);
  const customers = await lockCustomers(sql, workspaceId, [customerId]);
  const occasion = { at, cause: 'MANUAL' as const, eventId: null, late: false };
  const followUps = await evaluateCustomers(sql, workspaceId, customers, { occasion, rules });
  refuseIfReverted(move, followUps);
  recordChanges(sql, workspaceId, rules, [...changes, ...followUps], at);
  return isMove;
}

/** The rules were asked with the customer in its new place: they must have left it there. */
function refuseIfReverted({ lifecycleId, to }: ManualMove, followUps: readonly NewChange[]) {
  for (const change of followUps) {
    if (change.kind !== 'STAGE_CHANGED' || change.data.lifecycle !== lifecycleId) continue;
    throw new MoveRefused(to, change.data.to ?? '', change.data.rule as Filter);
  }
}

async function storeMove(
  sql: Sql,
  workspaceId: string,
  from: Held | undefined,
  move: ManualMove,
): Promise<NewChange[]> {
  const { customerId, lifecycleId, to, at, actor, reason } = move;
  const { rows } = await sql.query<{ version: number; rule: Filter }>(
    `select l.version, s.entry as rule from lifecycle l
     join stage s on s.workspace_id = l.workspace_id and s.lifecycle_id = l.id
     where l.workspace_id = $1 and l.id = $2 and s.key = $3`,
    [workspaceId, lifecycleId, to],
  );
  const [stage] = rows;
  if (!stage) throw new Error(`Stage ${to} does not exist`);
  await sql.query(
    `insert into customer_stage as place
       (workspace_id, customer_id, lifecycle_id, stage_key, since, pinned_until)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (workspace_id, customer_id, lifecycle_id) do update
       set left_at = place.left_at || jsonb_build_object(place.stage_key, excluded.since),
         stage_key = excluded.stage_key, since = excluded.since,
         pinned_until = excluded.pinned_until`,
    [workspaceId, customerId, lifecycleId, to, at, move.pinnedUntil ?? null],
  );
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
  return [{ kind: 'STAGE_CHANGED', customerId, at, data }];
}

async function setPin(
  sql: Sql,
  workspaceId: string,
  { customerId, lifecycleId }: Pick<ManualMove, 'customerId' | 'lifecycleId'>,
  pinnedUntil: ManualMove['pinnedUntil'] | null,
) {
  const { rowCount } = await sql.query(
    `update customer_stage set pinned_until = $4
     where workspace_id = $1 and customer_id = $2 and lifecycle_id = $3
       and pinned_until is distinct from $4`,
    [workspaceId, customerId, lifecycleId, pinnedUntil],
  );
  return rowCount === 1;
}

/**
 * Lets the rules move a customer again, which they do at once if they would have; the log tells who let
 * them, and why if that was said.
 */
export async function unpin(
  sql: Sql,
  workspaceId: string,
  place: Pick<ManualMove, 'customerId' | 'lifecycleId' | 'at' | 'actor'> & { reason?: string },
): Promise<boolean> {
  const { at } = place;
  lockWorkspace(sql, workspaceId);
  const customers = await lockCustomers(sql, workspaceId, [place.customerId]);
  const rules = await loadRules(sql, workspaceId);
  const changes = await evaluateCustomers(sql, workspaceId, customers, { horizon: at, rules });
  const wasPinned = await setPin(sql, workspaceId, place, null);
  if (wasPinned) {
    const occasion = { at, cause: 'MANUAL' as const, eventId: null, late: false };
    const unpinned = await lockCustomers(sql, workspaceId, [place.customerId]);
    const followUps = await evaluateCustomers(sql, workspaceId, unpinned, { occasion, rules });
    changes.push(...followUps.map((change) => withActor(change, place)));
  }
  recordChanges(sql, workspaceId, rules, changes, at);
  return wasPinned;
}

/** What the lifecycle's rules did when they were let, in the name of who let them. */
function withActor(
  change: NewChange,
  { lifecycleId, actor, reason }: Pick<ManualMove, 'lifecycleId' | 'actor'> & { reason?: string },
): NewChange {
  if (change.kind !== 'STAGE_CHANGED' || change.data.lifecycle !== lifecycleId) return change;
  return { ...change, data: { ...change.data, actor, ...(reason && { reason }) } };
}
