import { dayOf } from '../../platform/time/day-of.ts';
import { addToFacts, type FactEvent, type Facts, newFacts, ownAmount } from './facts.ts';
import { addMoney } from './money-sum.ts';
import type { Name } from './names.ts';
import { sessionsAdded } from './sessions.ts';

/** A customer as held in memory while a batch of events is applied. */
export interface CustomerState {
  id: string;
  isNew: boolean;
  userId: string | null;
  /** The address told last, or the first one the customer was known by. */
  email: string | null;
  traits: Record<string, unknown>;
  /** When each trait was told, in ms: an older telling never overwrites a newer one. */
  traitsAt: Record<string, number>;
  facts: Facts;
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
  /** Those of the customer's active days that this batch may touch. */
  days: Set<string>;
  /** The same of the days with an order. */
  orderDays: Set<string>;
  /** Those of the customer's page and screen views (ms) that a view of this batch may adjoin. */
  views: number[];
  /** Orders and refunds of this batch in other currencies than the workspace's own. */
  foreign: Map<string, { gross: bigint; refunded: bigint }>;
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
  facts: newFacts(at),
  evaluatedAt: at,
  dueAt: null,
  dueCause: null,
  names: [],
  eventNames: new Set(),
  days: new Set(),
  orderDays: new Set(),
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
  learnNames(state, event);
  if (event.traits) learnTraits(state, event.traits, event.occurredAt.getTime());
  state.email = text(state.traits['email']) ?? state.email;
  if (event.effect === 'order') countOrderDay(state, event, workspace);
  addToFacts(state.facts, event, workspace.currency);
  countDay(state, dayOf(event.occurredAt, workspace.timeZone));
  if (event.kind === 'track') learnEventName(state, event.name);
  if (event.effect === 'view') countView(state, event.occurredAt.getTime());
  if (event.currency !== null && event.currency !== workspace.currency) keepForeign(state, event);
  return { at: state.evaluatedAt, late };
}

function learnNames(state: CustomerState, { names }: StateEvent) {
  for (const { kind, value } of names) {
    if (kind === 'user_id') state.userId ??= value;
    if (kind === 'email') state.email ??= value;
  }
}

/** The telling with the latest time wins, trait by trait; null takes a trait away. */
function learnTraits(state: CustomerState, traits: Record<string, unknown>, at: number) {
  for (const [name, value] of Object.entries(traits)) {
    if (at < (state.traitsAt[name] ?? Number.NEGATIVE_INFINITY)) continue;
    state.traitsAt[name] = at;
    if (value === null) delete state.traits[name];
    else state.traits[name] = value;
  }
}

/** So many different events are kept by name of one customer. */
export const mostEventNames = 100;

function learnEventName(state: CustomerState, name: string) {
  state.eventNames?.add(name);
  if (state.eventNames && state.eventNames.size > mostEventNames) state.eventNames = null;
}

function countDay(state: CustomerState, day: string) {
  if (state.days.has(day)) return;
  state.days.add(day);
  state.facts.activeDays += 1;
}

/** To be called before the facts learn of the order: an earlier first day makes the one before a repeat. */
function countOrderDay(
  { facts, orderDays }: CustomerState,
  event: StateEvent,
  { timeZone, currency }: { timeZone: string; currency: string },
) {
  const day = dayOf(event.occurredAt, timeZone);
  const first = facts.firstOrderAt && dayOf(facts.firstOrderAt, timeZone);
  const amount = ownAmount(event, currency);
  if (first === null || day < first) facts.firstDayValue = amount;
  else if (day === first) facts.firstDayValue = addMoney(facts.firstDayValue, amount);
  if (orderDays.has(day)) return;
  orderDays.add(day);
  facts.orderDays += 1;
}

function countView(state: CustomerState, at: number) {
  state.facts.sessions += sessionsAdded(state.views, at);
  state.views.push(at);
}

function keepForeign(state: CustomerState, { effect, amount, currency }: StateEvent) {
  const sum = state.foreign.get(currency ?? '') ?? { gross: 0n, refunded: 0n };
  if (effect === 'order') sum.gross = addMoney(sum.gross, amount ?? 0n);
  if (effect === 'refund') sum.refunded = addMoney(sum.refunded, amount ?? 0n);
  state.foreign.set(currency ?? '', sum);
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);

/** The name to show: what was told as `name`, or the two halves of it. */
export const displayName = (traits: Record<string, unknown>) =>
  text(traits['name']) ??
  text([text(traits['firstName']), text(traits['lastName'])].filter(Boolean).join(' '));
