import type { LifecycleRules, StageRule } from './load-lifecycles.ts';
import { type RuleFacts, stageOf } from './rule.ts';

/** A customer at an instant of its story: what the rules are asked about. */
export interface Instant {
  customerId: string;
  at: Date;
  late: boolean;
  cause: 'EVENT' | 'MERGE' | 'UNMERGE';
  /** The evidence. */
  eventId: string | null;
  facts: RuleFacts;
}

export interface Transition extends Omit<Instant, 'facts'> {
  lifecycle: LifecycleRules;
  from: string | null;
  to: StageRule;
}

/** Where customers are: stage keys by customer and lifecycle. */
export type Places = Map<string, string>;
export const placeKey = (customerId: string, lifecycleId: string) => `${customerId}/${lifecycleId}`;

/**
 * What the rules say about a customer at an instant, against the place it has; moves it in `places`.
 * Asking twice yields nothing the second time.
 */
export function evaluateInstant(
  lifecycles: readonly LifecycleRules[],
  places: Places,
  instant: Instant,
): Transition[] {
  return lifecycles.flatMap((lifecycle) => {
    const key = placeKey(instant.customerId, lifecycle.id);
    const from = places.get(key) ?? null;
    const to = stageOf(lifecycle.stages, instant.facts);
    // A lifecycle without a rule for everybody leaves a customer where it is.
    if (!to || to.key === from) return [];
    places.set(key, to.key);
    const { facts: _, ...rest } = instant;
    return [{ ...rest, lifecycle, from, to }];
  });
}
