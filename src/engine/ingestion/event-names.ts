import type { PlaceholderIds } from '../../platform/placeholder-ids.ts';
import { type Name, parseAddress } from '../customers/names.ts';
import type { EventKind } from './event.ts';
import { EventError } from './event-error.ts';

type Optional<T> = T | null | undefined;

/** The part of a tracking call that names its customer. */
export interface NamedCall {
  type: EventKind;
  userId?: Optional<string>;
  anonymousId?: Optional<string>;
  previousId?: Optional<string>;
  traits?: Optional<Record<string, unknown>>;
  context?: Optional<Record<string, unknown>>;
}

/**
 * The names of the customer, strongest first. An id that identifies no customer is left out, because all who have it
 * would become one customer.
 *
 * @throws EventError without a user id and an anonymous id
 */
export function namesOf(call: NamedCall, placeholders: PlaceholderIds): Name[] {
  const address = parseAddress(emailOf(call));
  const userId = identifying(call.userId, placeholders);
  const anonymousId = identifying(call.anonymousId, placeholders);
  if (!userId && !anonymousId) throw unidentified(call);
  const names: Name[] = [];
  if (userId) names.push({ kind: 'user_id', value: userId });
  names.push(...externalIds(call.context?.['externalIds'], placeholders));
  if (address) names.push({ kind: 'email', value: address });
  if (anonymousId) names.push({ kind: 'anonymous_id', value: anonymousId });
  return names;
}

/**
 * The other name of the customer in an alias call.
 *
 * @throws EventError if the call lacks one of the two ids
 */
export function previousIdOf(call: NamedCall, placeholders: PlaceholderIds): string | null {
  if (call.type !== 'alias') return null;
  for (const field of ['previousId', 'userId'] as const) {
    if (identifying(call[field], placeholders)) continue;
    throw placeholder(call, field) ?? invalid(`${field}: an alias call needs it`);
  }
  return call.previousId ?? null;
}

const identifying = (id: Optional<string>, placeholders: PlaceholderIds) =>
  id && !placeholders.has(id) ? id : undefined;

const invalid = (message: string) => new EventError('INVALID_EVENT', message);

const unidentified = (call: NamedCall) =>
  placeholder(call, 'userId') ??
  placeholder(call, 'anonymousId') ??
  invalid('userId: an event needs a userId or an anonymousId');

/** The error of an id that is not used because it identifies no customer; undefined if it is absent or blank. */
function placeholder(call: NamedCall, field: 'userId' | 'anonymousId' | 'previousId') {
  const id = call[field]?.trim();
  return id
    ? new EventError(
        'PLACEHOLDER_ID',
        `${field}: ${JSON.stringify(id.slice(0, 64))} identifies no customer; send an id of the customer`,
      )
    : undefined;
}

/** An address among the traits of identify, even if it removes one, takes precedence over that in the context. */
function emailOf({ type, traits, context }: NamedCall): unknown {
  if (type === 'identify' && traits && Object.hasOwn(traits, 'email')) return traits['email'];
  const known = context?.['traits'];
  return isObject(known) ? known['email'] : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function externalIds(value: unknown, placeholders: PlaceholderIds): Name[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, 10)
    .flatMap((item: { id?: unknown; type?: unknown } | null) =>
      typeof item?.id === 'string' &&
      item.id.length <= 256 &&
      !placeholders.has(item.id) &&
      typeof item.type === 'string'
        ? [{ kind: `external:${item.type.slice(0, 64)}` as const, value: item.id }]
        : [],
    );
}
