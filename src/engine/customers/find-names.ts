import type { Transaction } from '../../platform/database.ts';
import { emptySql, sql, unnestRows } from '../../platform/sql.ts';
import { type Name, type NameKind, parseAddress, type StatedAddress } from './names.ts';
import type { KnownName } from './resolve-names.ts';

const textPairs = (alias: string, names: readonly Name[]) =>
  unnestRows(alias, names, {
    kind: ['text', ({ kind }) => kind],
    value: ['text', ({ value }) => value],
  });

/**
 * Looks up the customers of names and their survivors, in the order in which they got them. Omits unknown names. A
 * record, such as an order, has the customer for whom a server reported it first.
 */
export async function findNames(db: Transaction, names: readonly Name[]): Promise<KnownName[]> {
  const records = names.filter(isRecord);
  const own = names.filter((name) => !isRecord(name));
  const { rows } = await db.query<{
    kind: NameKind;
    value: string;
    customerId: string;
    survivorId: string;
    survivorIsUser: boolean;
    statedEmail: unknown;
    statedAt: number | null;
  }>(sql`
    select i.kind, i.value, i.customer_id as "customerId",
      coalesce(c.merged_into, c.id) as "survivorId",
      coalesce(survivor.user_id, case when c.merged_into is null then c.user_id end) is not null
        as "survivorIsUser",
      coalesce(survivor.traits, c.traits) -> 'email' as "statedEmail",
      (coalesce(survivor.traits_at, c.traits_at) ->> 'email')::float8 as "statedAt"
    from (
      select i.kind, i.value, i.customer_id, i.ordinal
      from ${textPairs('wanted', own)}
      join identity i on i.workspace_id = ${db.workspaceId} and i.kind = wanted.kind
        and i.value = wanted.value
      ${records.length > 0 ? unionReporters(db, records) : emptySql}
    ) as i
    join customer c on c.workspace_id = ${db.workspaceId} and c.id = i.customer_id
    left join customer survivor on survivor.workspace_id = ${db.workspaceId}
      and survivor.id = c.merged_into
    order by i.ordinal`);
  return rows.map(({ kind, value, statedEmail, statedAt, ...found }) => ({
    name: { kind, value },
    ...found,
    statedAddress: toStated(statedEmail, statedAt),
  }));
}

const isRecord = ({ kind }: Name) => kind.startsWith('record:');

const unionReporters = ({ workspaceId }: Transaction, records: readonly Name[]) => sql`
  union all
  select wanted.kind, wanted.value, first.customer_id, 0
  from ${textPairs('wanted', records)}
  cross join lateral (
    select r.customer_id from record_report r
    where r.workspace_id = ${workspaceId} and r.kind = substr(wanted.kind, length('record:') + 1)
      and r.key = wanted.value and r.trust = 'SERVER'
    order by r.arrival limit 1
  ) as first`;

const toStated = (email: unknown, at: number | null): StatedAddress | undefined =>
  at === null ? undefined : { address: parseAddress(email), at };
