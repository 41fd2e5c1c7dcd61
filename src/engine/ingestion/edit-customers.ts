import { v7 as uuidv7 } from 'uuid';
import { loadWorkspaceSettings } from '../../access/workspaces.ts';
import type { Database } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { lockWorkspace } from '../../platform/workspace-lock.ts';
import type { Consent } from '../customers/consents.ts';
import { parseAddress } from '../customers/names.ts';
import { applyEvents } from './apply-events.ts';
import type { Event } from './event.ts';
import { isStorableText, isTooDeep } from './json.ts';

/** The names of the events that record edits; conditions on events can refer to them. */
export const editNames = [
  'Tags Changed',
  'Consent Changed',
  'Customer Updated',
  'Customers Merged',
] as const;

/** An edit of a customer by hand. */
export interface Edit {
  name: (typeof editNames)[number];
  kind: 'identify' | 'track' | 'alias';
  /** The customer, and for a merge the one that is merged into it. */
  customerIds: string[];
  /** The traits to set; null removes one. */
  traits?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  consents?: Consent[];
}

/** Who edits, and when. */
export interface EditContext {
  now: Date;
  keyId: string;
}

/**
 * Stores edits as events of the system and applies them in one transaction: all or none. An edit changes no activity.
 * Decision 0049.
 *
 * @throws InvalidInput for contents that cannot be stored
 */
export const editCustomers = (
  database: Database,
  workspaceId: string,
  edits: readonly Edit[],
  context: EditContext,
): Promise<void> =>
  database.inWorkspace(workspaceId, async (db) => {
    lockWorkspace(db);
    const settings = await loadWorkspaceSettings(db);
    const events = edits.map((edit) => toSystemEvent(edit, context));
    await applyEvents(db, settings, events, context.now);
  });

const maxBytes = 32_768;

/** @throws InvalidInput for contents that cannot be stored */
export function toSystemEvent(edit: Edit, { now, keyId }: EditContext): Event {
  const { name, kind, customerIds, traits = null, properties = traits ?? {}, consents = [] } = edit;
  checkContents(properties);
  const address = parseAddress(traits?.['email']);
  const id = uuidv7();
  return {
    ...{ id, messageId: `stl-${id}`, kind, name, effect: null, customerIds, previousId: null },
    names: address === undefined ? [] : [{ kind: 'email', value: address }],
    ...{ occurredAt: now, reportedAt: null, receivedAt: now, trust: 'SERVER', origin: 'SYSTEM' },
    ...{ record: null, amount: null, currency: null },
    ...{ counts: true, countedEffect: null, countedUntil: null, corrected: null },
    ...{ properties, traits, consents, context: { keyId }, keyId },
  };
}

function checkContents(properties: Record<string, unknown>) {
  if (isTooDeep(properties))
    throw new InvalidInput('The traits are nested more than 32 levels deep.');
  const text = JSON.stringify(properties);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) {
    throw new InvalidInput(`The traits have ${bytes} bytes; the maximum is ${maxBytes}.`);
  }
  if (!isStorableText(text)) {
    throw new InvalidInput('The traits contain a NUL character or half of a surrogate pair.');
  }
}
