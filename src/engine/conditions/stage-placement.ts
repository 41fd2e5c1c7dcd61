/** The stage a customer is in under one rule set; instants in ms since 1970. */
export interface StagePlacement {
  stageKey: string;
  since: number;
  /**
   * When the customer last left each earlier stage; infinite for a past instant at which another customer, merged into
   * it later, was in the stage.
   */
  leftAt: Readonly<Record<string, number>>;
}
