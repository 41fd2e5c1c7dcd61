import type { Transaction } from '../../../platform/database.ts';
import { sql, unnestRows } from '../../../platform/sql.ts';
import type { ExchangeRate } from './parse-rates.ts';

/**
 * Adds rates as known from an instant on. Earlier rates are kept, because past numbers were computed with them; a rate
 * that is known already is not added again. Returns how many were added.
 */
export async function storeRates(
  db: Transaction,
  rates: readonly ExchangeRate[],
  knownAt: Date,
): Promise<number> {
  const { rowCount } = await db.query(sql`
    insert into exchange_rate (workspace_id, currency, effective_on, known_at, rate)
    select ${db.workspaceId}::uuid, given.currency, given.effective_on, ${knownAt}::timestamptz, given.rate
    from ${unnestRows('given', rates, {
      currency: ['text', ({ currency }) => currency],
      effective_on: ['date', ({ effectiveOn }) => effectiveOn],
      rate: ['numeric', ({ rate }) => rate],
    })}
    where given.rate is distinct from (
      select known.rate from exchange_rate known
      where known.workspace_id = ${db.workspaceId}::uuid and known.currency = given.currency
        and known.effective_on = given.effective_on
      order by known.known_at desc limit 1)
    on conflict (workspace_id, currency, effective_on, known_at) do update set rate = excluded.rate`);
  return rowCount ?? 0;
}
