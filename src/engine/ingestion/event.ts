import type { Trust } from '../../access/principal.ts';
import type { Consent } from '../customers/consents.ts';
import type { EventOrigin } from '../customers/event-origin.ts';
import type { Name } from '../customers/names.ts';
import type { RecordReference } from '../records/record-kinds.ts';

/** A valid tracking call. Immutable. */
export interface Event {
  id: string;
  messageId: string;
  kind: EventKind;
  /** The name of the event or, for page and screen calls, of the page; for other calls the type of the call. */
  name: string;
  effect: string | null;
  /** The names of its customer, strongest first. */
  names: Name[];
  /** For edits, instead of names: the id of the customer and, for a merge, of the one that is merged into it. */
  customerIds: string[];
  /** For alias only: the other name of the same customer. */
  previousId: string | null;
  occurredAt: Date;
  /** What the sender stated, if the event is dated otherwise. */
  reportedAt: Date | null;
  receivedAt: Date;
  /** The record that it reports; null for none. */
  record: RecordReference | null;
  /** Whether a server sent it, or a browser, whose key is public. */
  trust: Trust;
  origin: EventOrigin;
  /** In minor units of `currency`; null if the event has no amount. */
  amount: bigint | null;
  currency: string | null;
  /** False if conditions on events ignore it: see `Meaning`. */
  counts: boolean;
  /** What it counted as before it was taken back, and until when: see `Meaning`. */
  countedEffect: string | null;
  countedUntil: Date | null;
  /** The properties after corrections by other reports of its record; null if they are as received. */
  corrected: Record<string, unknown> | null;
  properties: Record<string, unknown>;
  /** For identify only, without consents. */
  traits: Record<string, unknown> | null;
  /** One for each purpose. */
  consents: Consent[];
  context: Record<string, unknown> | null;
  /** The key that sent it; null for calls from inside the server. */
  keyId: string | null;
}

export const eventKinds = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;
export type EventKind = (typeof eventKinds)[number];

export interface RefusedEvent {
  status: 'refused';
  messageId: string | null;
  code: RefusedEventCode;
  message: string;
}

export const refusedEventCodes = [
  'INVALID_EVENT',
  'PLACEHOLDER_ID',
  'EVENT_TOO_LARGE',
  'EVENT_IN_FUTURE',
  'EVENT_NOT_ALLOWED',
  'SUM_TOO_LARGE',
] as const;
export type RefusedEventCode = (typeof refusedEventCodes)[number];

/** The result of one call of a batch. */
export type EventResult = { status: 'accepted' | 'duplicate'; messageId: string } | RefusedEvent;
