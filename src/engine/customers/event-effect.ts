declare module '../extensions.ts' {
  interface Extension {
    eventEffects?: readonly EventEffect[];
  }
}

/** What some known events mean, besides activity. Facts are declared by the effects they are made of. */
export interface EventEffect {
  /** In snake case, as `event.effect` stores it. */
  name: string;
  /** The names of the events, in any case; the first one is the usual one. */
  events: readonly string[];
  /** Set if the events have an amount of money; the message explains why an event without one is refused. */
  amount?: { refusedWithout?: string };
}
