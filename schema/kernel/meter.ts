/** The database work of one operation, estimated before it starts. */
export interface Meter {
  /** The number of customers in the workspace; undefined until an operation needs it. */
  customers: number | undefined;
  /** Database rows that will be read. */
  rows: number;
  /** Cost that does not grow with the size of the surrounding list. */
  fixed: number;
  /** How to make the operation cheaper. */
  advice: Set<string>;
}

export const createMeter = (customers?: number): Meter => ({
  customers,
  rows: 0,
  fixed: 0,
  advice: new Set(),
});
