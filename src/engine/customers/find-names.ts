import type { Transaction } from '../../platform/database.ts';
import { sql, unnestRows } from '../../platform/sql.ts';
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

type FoundName = FoundCustomer & { kind: NameKind; value: string };

const pairs = (names: readonly Name[]) =>
  unnestRows('wanted', names, {
    kind: ['text', ({ kind }) => kind.replace(recordPrefix, '')],
    value: ['text', ({ value }) => value],
  });

/** Looks up the customers of names and records, with their survivors. Omits those that are not known. */
export async function findNames(db: Transaction, names: readonly Name[]): Promise<KnownName[]> {
  const records = names.filter(isRecord);
  const own = names.filter((name) => !isRecord(name));
  const found = await Promise.all([findHolders(db, own), findReporters(db, records)]);
  return found
    .flat()
    .map((row) => ({ name: { kind: row.kind, value: row.value }, ...toKnown(row) }));
}

const recordPrefix = /^record:/;
const isRecord = ({ kind }: Name) => recordPrefix.test(kind);

/** In the order in which the customers got the names. */
async function findHolders(db: Transaction, names: readonly Name[]): Promise<FoundName[]> {
  const { rows } = await db.query<FoundName>(sql`
    select i.kind, i.value, ${foundCustomer}
    from ${pairs(names)}
    join identity i on i.workspace_id = ${db.workspaceId} and i.kind = wanted.kind
      and i.value = wanted.value
    join customer c on c.workspace_id = ${db.workspaceId} and c.id = i.customer_id
    ${joinSurvivor(db)}
    order by i.ordinal`);
  return rows;
}

/**
 * The customer for whom a server reported each record first. "offset 0" keeps the planner, while it has no statistics,
 * from joining all customers.
 */
async function findReporters(db: Transaction, records: readonly Name[]): Promise<FoundName[]> {
  if (records.length === 0) return [];
  const { rows } = await db.query<FoundName>(sql`
    select 'record:' || wanted.kind as kind, wanted.value, ${foundCustomer}
    from ${pairs(records)}
    cross join lateral (
      select r.customer_id from record_report r
      where r.workspace_id = ${db.workspaceId} and r.kind = wanted.kind and r.key = wanted.value
        and r.trust = 'SERVER'
      order by r.arrival limit 1
    ) as first
    cross join lateral (
      select * from customer c
      where c.workspace_id = ${db.workspaceId} and c.id = first.customer_id offset 0
    ) as c
    left join lateral (
      select * from customer s
      where s.workspace_id = ${db.workspaceId} and s.id = c.merged_into offset 0
    ) as survivor on true`);
  return rows;
}

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
