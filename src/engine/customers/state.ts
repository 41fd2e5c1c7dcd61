import { newDays, newFacts } from './fact-table.ts';
import { type FactEvent, type FoldedState, foldEvent } from './fold-event.ts';
import type { Name } from './names.ts';

/** A customer as held in memory while a batch of events is applied. */
export interface CustomerState extends FoldedState {
  id: string;
  isNew: boolean;
  userId: string | null;
  /** The address told last, or the first one the customer was known by. */
  email: string | null;
  traits: Record<string, unknown>;
  /** When each trait was told, in ms: an older telling never overwrites a newer one. */
  traitsAt: Record<string, number>;
  /** The instant up to which the customer's story has been evaluated; never goes back. */
  evaluatedAt: Date;
  /** When its rules have to be asked again by time alone; null for never. */
  dueAt: Date | null;
  /** Why it is due then, if not by time. */
  dueCause: 'DEFINITION' | null;
  /** The names that lead to it, those of customers merged into it included, if some rule asks for them. */
  names: Name[];
  /** The names of all events it ever did by `track`; null when there are too many to keep. */
  eventNames: Set<string> | null;
}

export interface StateEvent extends FactEvent {
  kind: string;
  name: string;
  names: Name[];
  traits: Record<string, unknown> | null;
}

/** Without a prototype: a trait may be called `__proto__` or `constructor` like any other. */
export const plainRecord = <T>(entries: Record<string, T>): Record<string, T> =>
  Object.assign(Object.create(null), entries);

export const newCustomerState = (id: string, at: Date): CustomerState => ({
  id,
  isNew: true,
  userId: null,
  email: null,
  traits: plainRecord({}),
  traitsAt: plainRecord({}),
  facts: newFacts(),
  evaluatedAt: at,
  dueAt: null,
  dueCause: null,
  names: [],
  eventNames: new Set(),
  days: newDays(),
  views: [],
  foreign: new Map(),
});

/**
 * Applies one event to a customer in place and says at which instant it takes effect: when it happened,
 * or, if it is late, where the customer's story has got to.
 */
export function applyToCustomer(
  state: CustomerState,
  event: StateEvent,
  workspace: { timeZone: string; currency: string },
): { at: Date; late: boolean } {
  const late = event.occurredAt < state.evaluatedAt;
  if (!late) state.evaluatedAt = event.occurredAt;
  applyNames(state, event);
  if (event.traits) applyTraits(state, event.traits, event.occurredAt.getTime());
  state.email = text(state.traits['email']) ?? state.email;
  foldEvent(state, event, workspace);
  if (event.kind === 'track') addEventName(state, event.name);
  return { at: state.evaluatedAt, late };
}

function applyNames(state: CustomerState, { names }: StateEvent) {
  for (const { kind, value } of names) {
    if (kind === 'user_id') state.userId ??= value;
    if (kind === 'email') state.email ??= value;
  }
}

/** The telling with the latest time wins, trait by trait; null takes a trait away. */
function applyTraits(state: CustomerState, traits: Record<string, unknown>, at: number) {
  for (const [name, value] of Object.entries(traits)) {
    if (at < (state.traitsAt[name] ?? Number.NEGATIVE_INFINITY)) continue;
    state.traitsAt[name] = at;
    if (value === null) delete state.traits[name];
    else state.traits[name] = value;
  }
}

/** So many different events are kept by name of one customer. */
export const maxEventNames = 100;

function addEventName(state: CustomerState, name: string) {
  state.eventNames?.add(name);
  if (state.eventNames && state.eventNames.size > maxEventNames) state.eventNames = null;
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);

/** The name to show: what was told as `name`, or the two halves of it. */
export const displayName = (traits: Record<string, unknown>) =>
  text(traits['name']) ??
  text([text(traits['firstName']), text(traits['lastName'])].filter(Boolean).join(' '));
