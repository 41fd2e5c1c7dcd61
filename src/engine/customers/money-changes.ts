import type { Transaction } from '../../platform/database.ts';
import { joinSql, rawSql, sql } from '../../platform/sql.ts';
import { currencyFacts, isFoldedInto } from './fact-table.ts';
import { maxSum } from './money-sum.ts';

/** What an event adds to a sum of money of a customer, or takes from it. */
export interface MoneyChange {
  customerId: string;
  currency: string;
  /** The column of the sum. */
  column: string;
  amount: bigint;
}

/** The part of an event that sums of money are computed from. */
interface SummedEvent {
  effect: string | null;
  amount: bigint | null;
  currency: string | null;
}

/** What an event adds to the sums of a customer in the currency of the event. */
export function moneyChangesOf(event: SummedEvent, customerId: string): MoneyChange[] {
  const { effect, amount, currency } = event;
  if (amount === null || currency === null) return [];
  return currencyFacts()
    .filter((fact) => isFoldedInto(fact, { effect, currency }, currency))
    .map(({ column }) => ({ customerId, currency, column, amount }));
}

/** Sums of money of customers, while changes are added to them. */
export interface MoneySums {
  /** Adds the changes, unless they raise a sum beyond the maximum. Returns whether it did. */
  add(changes: readonly MoneyChange[]): boolean;
}

type Sum = Omit<MoneyChange, 'amount'>;

const keyOf = ({ customerId, currency, column }: Sum) => `${customerId} ${currency} ${column}`;

/** @param stored the sums of existing customers; others are 0 */
export function createMoneySums(stored: readonly MoneyChange[]): MoneySums {
  const sums = new Map(stored.map((sum) => [keyOf(sum), sum.amount]));
  return {
    add(changes) {
      const after = new Map<string, bigint>();
      for (const change of changes) {
        const key = keyOf(change);
        after.set(key, (after.get(key) ?? sums.get(key) ?? 0n) + change.amount);
      }
      const isTooLarge = [...after].some(
        ([key, sum]) => sum > maxSum && sum > (sums.get(key) ?? 0n),
      );
      if (isTooLarge) return false;
      for (const [key, sum] of after) sums.set(key, sum);
      return true;
    },
  };
}

type SumRow = { customerId: string; currency: string } & Record<string, string>;

/** Loads the sums of customers in all currencies. */
export async function loadMoneySums(
  db: Transaction,
  customerIds: readonly string[],
): Promise<MoneySums> {
  if (customerIds.length === 0) return createMoneySums([]);
  const names = currencyFacts().map(({ column }) => column);
  const columns = joinSql(names.map((name) => rawSql(name)));
  const { rows } = await db.query<SumRow>(sql`
    select c.id as "customerId", w.currency, ${columns}
    from customer c join workspace w on w.id = c.workspace_id
    where c.workspace_id = ${db.workspaceId} and c.id = any(${customerIds}::uuid[])
    union all
    select customer_id, currency, ${columns} from customer_foreign_revenue
    where workspace_id = ${db.workspaceId} and customer_id = any(${customerIds}::uuid[])`);
  return createMoneySums(
    rows.flatMap(({ customerId, currency, ...sums }) =>
      names.map((column) => ({ customerId, currency, column, amount: BigInt(sums[column] ?? 0) })),
    ),
  );
}
