import { newDays, newFacts } from './fact-table.ts';
import { type FactEvent, type FoldedState, foldEvent } from './fold-event.ts';
import type { Name } from './names.ts';

/** A customer in memory while a batch of events is applied. */
export interface CustomerState extends FoldedState {
  id: string;
  isNew: boolean;
  userId: string | null;
  /** The address in the traits; if `identify` never stated one, the first one among the names. */
  email: string | null;
  traits: Record<string, unknown>;
  /** The time of each trait in ms: an older value never overwrites a newer one. */
  traitsAt: Record<string, number>;
  /** The instant up to which the customer was evaluated; never decreases. */
  evaluatedAt: Date;
  /** When its rules must be evaluated again because of time; null for never. */
  dueAt: Date | null;
  /** Why it is due then, if not because of time. */
  dueCause: 'DEFINITION' | null;
  /** Its names, including those of customers merged into it; loaded only if a rule needs them. */
  names: Name[];
  /** The names of all its `track` events; null if there are more than `maxEventNames`. */
  eventNames: Set<string> | null;
}

export interface StateEvent extends FactEvent {
  kind: string;
  name: string;
  names: Name[];
  traits: Record<string, unknown> | null;
}

/** Without a prototype, because a trait may have the name `__proto__` or `constructor`. */
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
 * Applies one event to a customer in place. Returns the instant at which it takes effect: its own time or, if it is
 * late, that of the customer's latest evaluation.
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
  if (state.traitsAt['email'] !== undefined) state.email = text(state.traits['email']);
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

/** The latest value of each trait wins; null removes a trait. */
function applyTraits(state: CustomerState, traits: Record<string, unknown>, at: number) {
  for (const [name, value] of Object.entries(traits)) {
    if (at < (state.traitsAt[name] ?? Number.NEGATIVE_INFINITY)) continue;
    state.traitsAt[name] = at;
    if (value === null) delete state.traits[name];
    else state.traits[name] = value;
  }
}

/** Maximum of distinct event names stored for one customer. */
export const maxEventNames = 100;

function addEventName(state: CustomerState, name: string) {
  state.eventNames?.add(name);
  if (state.eventNames && state.eventNames.size > maxEventNames) state.eventNames = null;
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);

/** The display name: the trait `name`, or `firstName` and `lastName`. */
export const displayName = (traits: Record<string, unknown>) =>
  text(traits['name']) ??
  text([text(traits['firstName']), text(traits['lastName'])].filter(Boolean).join(' '));
