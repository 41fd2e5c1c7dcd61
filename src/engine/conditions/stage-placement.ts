/** The stage a customer is in under one rule set; instants in ms since 1970. */
export interface StagePlacement {
  stageKey: string;
  since: number;
  /** When the customer last left each earlier stage. */
  leftAt: Readonly<Record<string, number>>;
}
