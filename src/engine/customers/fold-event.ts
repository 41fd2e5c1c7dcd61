import { dayOf } from '../../platform/time/day-of.ts';
import { viewEffect } from './effects.ts';
import type { EventOrigin } from './event-origin.ts';
import type { Facts, FoldedEvent, StoredFact } from './fact.ts';
import { currencyFacts, factsChangedBy, isFoldedInto } from './fact-table.ts';

/** The facts of a customer while events are folded into them. */
export interface FoldedState {
  facts: Facts;
  /** For each fact that counts days, by column: its days that events of this batch may be on. */
  days: Record<string, Set<string>>;
  /** The page and screen views (ms) that may share a session with a view of this batch. */
  views: number[];
  /** The facts by foreign currency, from this batch only. */
  foreign: Map<string, Facts>;
}

/** The part of an event that facts are derived from. */
export interface FactEvent {
  origin: EventOrigin;
  effect: string | null;
  occurredAt: Date;
  amount: bigint | null;
  currency: string | null;
}

type Folded = Pick<FoldedEvent, 'at' | 'day' | 'dayOf' | 'amount' | 'before'>;

/** Folds an event of the customer's own into the customer's facts, and into those of its currency if that is a foreign one. */
export function foldEvent(
  state: FoldedState,
  { origin, effect, occurredAt: at, amount, currency }: FactEvent,
  workspace: { timeZone: string; currency: string },
): void {
  if (origin === 'SYSTEM') return;
  const toDay = (instant: Date) => dayOf(instant, workspace.timeZone);
  const event = { at, day: toDay(at), dayOf: toDay, amount: amount ?? 0n };
  const changed = factsChangedBy({ effect, currency }, workspace.currency);
  state.facts = foldInto(state, changed, { ...event, before: state.facts });
  if (currency !== null && currency !== workspace.currency) {
    const before = state.foreign.get(currency) ?? {};
    const summed = currencyFacts().filter((fact) =>
      isFoldedInto(fact, { effect, currency }, currency),
    );
    const after = foldInto(state, summed, { ...event, before });
    if (summed.length > 0) state.foreign.set(currency, after);
  }
  for (const { column } of changed) state.days[column]?.add(event.day);
  if (effect === viewEffect) state.views.push(at.getTime());
}

const noDays: ReadonlySet<string> = new Set();

/** Folds each fact from the facts before the event, so that the order of the facts has no effect. */
function foldInto({ days, views }: FoldedState, facts: readonly StoredFact[], event: Folded) {
  const after = { ...event.before };
  for (const { column, fold } of facts) {
    const value = event.before[column] ?? fold.initial;
    after[column] = fold.add(value, { ...event, days: days[column] ?? noDays, views });
  }
  return after;
}
