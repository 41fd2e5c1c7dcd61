import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import type { Absent } from '../conditions/absent.ts';
import type { Needs } from '../conditions/pair-scope.ts';
import type { FactColumn } from '../conditions/scope.ts';
import type { Snapshot } from './snapshot.ts';

/** Of what rules ask for, what is in none of the snapshots. */
export function absentFrom(snapshots: Iterable<Snapshot>, needs: Needs): Absent {
  const columns = new Set(needs.columns);
  const traits = new Set(needs.traits);
  const eventNames = new Set(needs.eventNames);
  for (const { values } of snapshots) {
    for (const column of columns) if (values[column] !== null) columns.delete(column);
    for (const trait of traits) if (Object.hasOwn(values.traits ?? {}, trait)) traits.delete(trait);
    if (values.event_names === null) eventNames.clear();
    for (const name of values.event_names ?? []) eventNames.delete(name);
  }
  return { columns, traits, eventNames };
}

interface Present {
  columns: FactColumn[];
  traits: string[];
  eventNames: string[];
  /** Somebody did more different events than are kept by name. */
  isCrowded: boolean;
}

/** Of what rules ask for, what none of these customers has, as they are stored. */
export async function loadAbsent(
  sql: Sql,
  workspaceId: string,
  ids: readonly string[],
  needs: Needs,
): Promise<Absent> {
  const { text, values } = selectPresent(workspaceId, ids, needs);
  const { rows } = await sql.query<Present>(text, values);
  const [present] = rows;
  if (!present) throw new Error('An aggregate without a row');
  return {
    columns: needs.columns.difference(new Set(present.columns)),
    traits: needs.traits.difference(new Set(present.traits)),
    eventNames: present.isCrowded
      ? new Set()
      : needs.eventNames.difference(new Set(present.eventNames)),
  };
}

function selectPresent(workspaceId: string, ids: readonly string[], needs: Needs): Prisma.Sql {
  const columns = [...needs.columns].map(
    (name) => Prisma.sql`case when bool_or(${Prisma.raw(name)} is not null) then ${name}::text end`,
  );
  const noted = Prisma.join([Prisma.sql`null::text`, ...columns]);
  return Prisma.sql`
    with asked as materialized (
      select c.* from unnest(${ids}::uuid[]) as sent (id) cross join lateral (
        select * from customer where workspace_id = ${workspaceId}::uuid and id = sent.id offset 0) as c)
    select array_remove(array[${noted}], null) as columns,
      array(select distinct jsonb_object_keys(traits) from asked) as traits,
      array(select distinct unnest(event_names) from asked) as "eventNames",
      coalesce(bool_or(event_names is null), false) as "isCrowded"
    from asked`;
}
