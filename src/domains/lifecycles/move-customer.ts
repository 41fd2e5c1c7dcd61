import type { ChangeActor } from '../../engine/changes/kinds.ts';
import type { Transaction } from '../../platform/database.ts';
import { InvalidInput, NotFound } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';
import { lockWorkspace } from '../../platform/workspace-lock.ts';
import { moveByHand, unpin } from './move-by-hand.ts';

export interface MoveRequest {
  customerId: string;
  lifecycleId: string;
  /** The key of a stage, case-insensitive. */
  to: string;
  /** Undefined for no pin. */
  pinnedUntil: Date | 'infinity' | undefined;
  reason: string;
  /** The API key that makes the move. */
  keyId: string;
}

export interface UnpinRequest extends Pick<MoveRequest, 'customerId' | 'lifecycleId' | 'keyId'> {
  reason?: string | undefined;
}

const maxReasonLength = 500;

/**
 * Moves a customer to a stage by hand; returns false if it already was in that stage.
 *
 * @throws NotFound, InvalidInput, MoveRefused
 */
export async function moveCustomer(
  db: Transaction,
  request: MoveRequest,
  now: Date,
): Promise<{ moved: boolean }> {
  const reason = parseReason(request.reason);
  const { customerId, lifecycleId, pinnedUntil } = request;
  if (pinnedUntil instanceof Date && pinnedUntil <= now) {
    throw new InvalidInput('`pinUntil` must lie in the future.');
  }
  lockWorkspace(db);
  await requireUnmerged(db, customerId);
  const to = await requireStage(db, request);
  const actor = await loadActor(db, request.keyId);
  const move = { customerId, lifecycleId, to, pinnedUntil, now, actor, reason };
  return { moved: await moveByHand(db, move) };
}

/**
 * Removes a pin, so that rules move the customer again; returns whether there was one.
 *
 * @throws NotFound, InvalidInput
 */
export async function unpinCustomer(
  db: Transaction,
  { customerId, lifecycleId, keyId, ...request }: UnpinRequest,
  now: Date,
): Promise<{ unpinned: boolean }> {
  lockWorkspace(db);
  await requireUnmerged(db, customerId);
  const reason = request.reason === undefined ? {} : { reason: parseReason(request.reason) };
  const actor = await loadActor(db, keyId);
  return { unpinned: await unpin(db, { customerId, lifecycleId, now, actor, ...reason }) };
}

function parseReason(text: string): string {
  const reason = text.trim();
  const hasValidLength = reason.length >= 1 && reason.length <= maxReasonLength;
  if (hasValidLength && reason.isWellFormed() && !reason.includes('\0')) return reason;
  throw new InvalidInput(`\`reason\` must have 1 to ${maxReasonLength} characters.`);
}

async function requireUnmerged(db: Transaction, customerId: string) {
  const { rows } = await db.query<{ mergedInto: string | null }>(sql`
    select merged_into as "mergedInto" from customer
      where workspace_id = ${db.workspaceId} and id = ${customerId}`);
  const [customer] = rows;
  if (!customer) throw new NotFound('customer');
  if (customer.mergedInto === null) return;
  throw new InvalidInput(
    `The customer was merged into ${customer.mergedInto}. Move that customer instead.`,
  );
}

async function requireStage(db: Transaction, { lifecycleId, to }: MoveRequest): Promise<string> {
  const { rows } = await db.query<{ key: string }>(sql`
    select key from stage
      where workspace_id = ${db.workspaceId} and lifecycle_id = ${lifecycleId} order by ordinal`);
  const keys = rows.map(({ key }) => key);
  const stageKey = keys.find((key) => key.toUpperCase() === to.toUpperCase());
  if (stageKey !== undefined) return stageKey;
  const requested = JSON.stringify(to.slice(0, 64));
  throw new InvalidInput(`No stage of the lifecycle has the key ${requested}.`, {
    names: `There are: ${keys.join(', ')}.`,
  });
}

/** The API key with its present name; a key set by configuration has its id as name. */
async function loadActor(db: Transaction, keyId: string): Promise<ChangeActor> {
  const { rows } = await db.query<{ name: string }>(sql`
    select name from api_key where workspace_id = ${db.workspaceId} and id = ${keyId}`);
  return { keyId, name: rows[0]?.name ?? keyId };
}
