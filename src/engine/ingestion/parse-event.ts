import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Trust } from '../../access/principal.ts';
import type { PlaceholderIds } from '../../platform/placeholder-ids.ts';
import { parseInstant } from '../../platform/time/instant.ts';
import { effectOf } from '../customers/effects.ts';
import { consentPrefix, separateConsents } from '../customers/reserved-traits.ts';
import { InvalidReport } from '../records/record-kind.ts';
import { type RecordReference, recordOf, requireRecordKind } from '../records/record-kinds.ts';
import { type Event, type EventKind, eventKinds, type RefusedEvent } from './event.ts';
import { EventError } from './event-error.ts';
import { namesOf, previousIdOf } from './event-names.ts';
import { dateEvent } from './event-time.ts';
import { isStorableText, isTooDeep } from './json.ts';

/** The options for parsing an event. */
export interface ParseRules {
  now: Date;
  /** `sentAt` of the whole batch; `sentAt` of an event takes precedence. */
  batchSentAt?: string | undefined;
  /** The type of the call if the route determines it; otherwise the call has it. */
  kind?: EventKind | undefined;
  trust: Trust;
  /** The key that sent it. */
  keyId?: string | undefined;
  /** The currency of events without one. */
  currency: string;
  /** The ids that identify no customer. */
  placeholderIds: PlaceholderIds;
  maxBytes: number;
}

const id = z.union([z.string(), z.number()]).transform(String).pipe(z.string().max(256)).nullish();
const object = z
  .custom<Record<string, unknown>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  )
  .nullish();
const instant = z
  .custom<string>((value) => parseInstant(value) !== undefined, 'must be an RFC 3339 date and time')
  .transform((text) => parseInstant(text)?.getTime())
  .nullish();

const Call = z.object({
  type: z.enum(eventKinds),
  event: z.string().min(1).max(256).nullish(),
  name: z.string().max(256).nullish(),
  userId: id,
  anonymousId: id,
  previousId: id,
  groupId: id,
  messageId: z.string().min(1).max(256).nullish(),
  timestamp: instant,
  originalTimestamp: instant,
  sentAt: instant,
  receivedAt: instant,
  properties: object,
  traits: object,
  context: object,
});
type Call = z.infer<typeof Call>;

/** Validates one tracking call and converts it to an event, or returns the reason of refusal. */
export function parseEvent(received: unknown, rules: ParseRules): Event | RefusedEvent {
  try {
    checkSize(received, rules.maxBytes);
    const parsed = Call.safeParse(rules.kind ? withType(received, rules.kind) : received);
    if (!parsed.success) throw new EventError('INVALID_EVENT', describe(parsed.error));
    return toEvent(
      rules.trust === 'BROWSER' ? asBrowserCall(parsed.data, rules.placeholderIds) : parsed.data,
      rules,
    );
  } catch (error) {
    const refused = { status: 'refused', messageId: messageIdOf(received) } as const;
    if (error instanceof EventError) {
      return { ...refused, code: error.code, message: error.message };
    }
    if (!(error instanceof InvalidReport)) throw error;
    return { ...refused, code: 'INVALID_EVENT', message: error.message };
  }
}

const withType = (received: unknown, type: EventKind) =>
  typeof received === 'object' && received !== null ? { ...received, type } : received;

function toEvent(call: Call, rules: ParseRules): Event {
  const name = nameOf(call);
  const effect = effectOf(call.type, name);
  const properties = call.properties ?? {};
  const identified = call.type === 'identify' ? checkedTraits(call.traits ?? {}) : undefined;
  return {
    id: uuidv7(),
    messageId: call.messageId ?? `stl-${uuidv7()}`,
    kind: call.type,
    name,
    effect,
    names: namesOf(call, rules.placeholderIds),
    customerIds: [],
    // A browser's alias joins as `identify` does: two users stay two.
    previousId: rules.trust === 'BROWSER' ? null : previousIdOf(call, rules.placeholderIds),
    ...dateEvent(call, {
      now: rules.now,
      batchSentAt: parseInstant(rules.batchSentAt)?.getTime(),
    }),
    receivedAt: rules.now,
    trust: rules.trust,
    origin: 'CUSTOMER',
    record: checkedRecord(effect, properties, rules),
    amount: null,
    currency: null,
    counts: true,
    countedEffect: null,
    countedUntil: null,
    corrected: null,
    properties: storedProperties(call, properties),
    traits: identified?.traits ?? null,
    consents: identified?.consents ?? [],
    context: call.context ?? null,
    keyId: rules.keyId ?? null,
  };
}

function checkedTraits(traits: Record<string, unknown>) {
  const separated = separateConsents(traits);
  for (const { purpose } of separated.consents) {
    if (purpose.length > 0 && purpose.length <= 256) continue;
    throw new EventError(
      'INVALID_EVENT',
      `traits: the purpose after "${consentPrefix}" must have 1 to 256 characters`,
    );
  }
  return separated;
}

function checkSize(received: unknown, maxBytes: number) {
  if (isTooDeep(received)) {
    throw new EventError('INVALID_EVENT', 'The event is nested more than 32 levels deep.');
  }
  const text = JSON.stringify(received) ?? '';
  const size = Buffer.byteLength(text);
  if (size > maxBytes) {
    throw new EventError(
      'EVENT_TOO_LARGE',
      `The event has ${size} bytes; the maximum is ${maxBytes}.`,
    );
  }
  if (!isStorableText(text)) {
    throw new EventError(
      'INVALID_EVENT',
      'The event contains a NUL character or half of a surrogate pair.',
    );
  }
}

function describe(error: z.ZodError) {
  return error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.length > 0 ? path.join('.') : 'event'}: ${message}`)
    .join('; ');
}

function nameOf(call: Call): string {
  if (call.type === 'page' || call.type === 'screen') return call.name || call.type;
  if (call.type !== 'track') return call.type;
  if (!call.event)
    throw new EventError('INVALID_EVENT', 'event: a track call requires the name of the event');
  return call.event;
}

/** A browser may identify its own visitor only, because everyone has its key. Decision 0044. */
function asBrowserCall(call: Call, placeholders: PlaceholderIds): Call {
  const previousId = previousIdOf(call, placeholders);
  if (previousId === null) return call;
  if (call.anonymousId && call.anonymousId !== previousId) {
    throw new EventError(
      'EVENT_NOT_ALLOWED',
      'previousId: with a key of the scope "collect" it must be the anonymousId of the visitor. Send an alias of two users from a server',
    );
  }
  return { ...call, anonymousId: previousId };
}

/** The record that the event reports; null for none. */
function checkedRecord(
  effect: string | null,
  properties: Record<string, unknown>,
  { currency, placeholderIds }: Pick<ParseRules, 'currency' | 'placeholderIds'>,
): RecordReference | null {
  const record = recordOf(effect, properties, placeholderIds);
  if (!record || effect === null) return null;
  requireRecordKind(record.kind).check({ effect, properties, key: record.key, currency });
  return record;
}

function storedProperties(
  call: Call,
  properties: Record<string, unknown>,
): Record<string, unknown> {
  if (call.type === 'identify') return call.traits ?? {};
  if (call.type === 'group') return { groupId: call.groupId ?? null, traits: call.traits ?? {} };
  if (call.type === 'alias') return { previousId: call.previousId, userId: call.userId };
  return properties;
}

function messageIdOf(received: unknown): string | null {
  const messageId = (received as { messageId?: unknown } | null | undefined)?.messageId;
  return typeof messageId === 'string' ? messageId.slice(0, 256) : null;
}
