import type { Transaction } from '../../platform/database.ts';
import { sql, unnestRows } from '../../platform/sql.ts';
import { type Name, type NameKind, parseAddress, type StatedAddress } from './names.ts';
import type { KnownName } from './resolve-names.ts';

/** Looks up the customers of names and their survivors, in the order in which they got them. Omits unknown names. */
export async function findNames(db: Transaction, names: Name[]): Promise<KnownName[]> {
  const wanted = unnestRows('wanted', names, {
    kind: ['text', ({ kind }) => kind],
    value: ['text', ({ value }) => value],
  });
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
    from ${wanted}
    join identity i on i.workspace_id = ${db.workspaceId} and i.kind = wanted.kind
      and i.value = wanted.value
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

const toStated = (email: unknown, at: number | null): StatedAddress | undefined =>
  at === null ? undefined : { address: parseAddress(email), at };
