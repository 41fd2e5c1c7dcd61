import type { Transaction } from '../../platform/database.ts';
import { emptySql, sql, unnestRows } from '../../platform/sql.ts';
import { type Name, type NameKind, parseAddress, type StatedAddress } from './names.ts';
import type { KnownCustomer, KnownName } from './resolve-names.ts';

interface FoundCustomer {
  customerId: string;
  survivorId: string;
  survivorIsUser: boolean;
  statedEmail: unknown;
  statedAt: number | null;
}

/** What the resolver knows of the customer `c` and its `survivor`. */
const foundCustomer = sql`
  c.id as "customerId", coalesce(c.merged_into, c.id) as "survivorId",
  coalesce(survivor.user_id, case when c.merged_into is null then c.user_id end) is not null
    as "survivorIsUser",
  coalesce(survivor.traits, c.traits) -> 'email' as "statedEmail",
  (coalesce(survivor.traits_at, c.traits_at) ->> 'email')::float8 as "statedAt"`;

const joinSurvivor = ({ workspaceId }: Transaction) => sql`
  left join customer survivor on survivor.workspace_id = ${workspaceId}
    and survivor.id = c.merged_into`;

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
  const { rows } = await db.query<FoundCustomer & { kind: NameKind; value: string }>(sql`
    select i.kind, i.value, ${foundCustomer}
    from (
      select i.kind, i.value, i.customer_id, i.ordinal
      from ${textPairs('wanted', own)}
      join identity i on i.workspace_id = ${db.workspaceId} and i.kind = wanted.kind
        and i.value = wanted.value
      ${records.length > 0 ? unionReporters(db, records) : emptySql}
    ) as i
    join customer c on c.workspace_id = ${db.workspaceId} and c.id = i.customer_id
    ${joinSurvivor(db)}
    order by i.ordinal`);
  return rows.map((row) => ({ name: { kind: row.kind, value: row.value }, ...toKnown(row) }));
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

/** Looks up customers by their ids, with their survivors. Omits unknown ids. */
export async function findCustomers(
  db: Transaction,
  ids: readonly string[],
): Promise<KnownCustomer[]> {
  if (ids.length === 0) return [];
  const { rows } = await db.query<FoundCustomer>(sql`
    select ${foundCustomer} from customer c ${joinSurvivor(db)}
    where c.workspace_id = ${db.workspaceId} and c.id = any(${[...ids]}::uuid[])`);
  return rows.map(toKnown);
}

const toKnown = (found: FoundCustomer): KnownCustomer => ({
  customerId: found.customerId,
  survivorId: found.survivorId,
  survivorIsUser: found.survivorIsUser,
  statedAddress: toStated(found.statedEmail, found.statedAt),
});

const toStated = (email: unknown, at: number | null): StatedAddress | undefined =>
  at === null ? undefined : { address: parseAddress(email), at };
