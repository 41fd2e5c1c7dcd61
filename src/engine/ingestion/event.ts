import type { Name } from '../customers/names.ts';

/** A tracking call that passed every check. Immutable from here on. */
export interface Event {
  id: string;
  messageId: string;
  kind: EventKind;
  /** The event's name; for page and screen the page's, for the other calls the call's. */
  name: string;
  effect: string | null;
  /** Who it tells of, the strongest name first. */
  names: Name[];
  /** Only of alias: the name that is to mean the same customer from now on. */
  previousId: string | null;
  occurredAt: Date;
  receivedAt: Date;
  /** Minor units of `currency`; null unless the event's effect has an amount. */
  amount: bigint | null;
  currency: string | null;
  properties: Record<string, unknown>;
  /** What identify tells about the customer. */
  traits: Record<string, unknown> | null;
  context: Record<string, unknown> | null;
}

export const eventKinds = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;
export type EventKind = (typeof eventKinds)[number];

export interface RefusedEvent {
  status: 'refused';
  messageId: string | null;
  code: RefusedEventCode;
  message: string;
}

export type RefusedEventCode = 'INVALID_EVENT' | 'EVENT_TOO_LARGE' | 'EVENT_IN_FUTURE';

/** What became of one call of a batch; the caller gets one per call, in order. */
export type EventResult = { status: 'accepted' | 'duplicate'; messageId: string } | RefusedEvent;
