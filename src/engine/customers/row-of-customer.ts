/**
 * Where a customer's row lies ("ctid"), in a statement whose $1 is the workspace: found by the index, one by
 * one. Joined by their ids instead, all customers are read for each batch as long as the planner has no
 * statistics. The customers have to be locked, or the row may be another one by then.
 */
export const rowOfCustomer = (id: string) =>
  `(select ctid from customer where workspace_id = $1 and id = ${id} offset 0)`;
