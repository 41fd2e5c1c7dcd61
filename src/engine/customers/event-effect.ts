declare module '../extensions.ts' {
  interface Extension {
    eventEffects?: readonly EventEffect[];
  }
}

/** The meaning of well-known events besides activity. Facts declare the effects from which they are derived. */
export interface EventEffect {
  /** In snake case, as `event.effect` stores it. */
  name: string;
  /** The names of the events, case-insensitive; explanations show the first. */
  events: readonly string[];
}
