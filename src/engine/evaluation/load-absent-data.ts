import type { Transaction } from '../../platform/database.ts';
import { joinSql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import type { AbsentData } from '../conditions/absent-data.ts';
import type { Needs } from '../conditions/pair-scope.ts';
import type { Snapshot } from './snapshot.ts';

/** Finds the data that rules need and that no snapshot has. */
export function findAbsentData(snapshots: Iterable<Snapshot>, needs: Needs): AbsentData {
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

interface PresentData {
  columns: string[];
  traits: string[];
  eventNames: string[];
  /** A customer has more event names than are stored. */
  hasUnlisted: boolean;
}

/** Finds the data that rules need and that none of these stored customers has. */
export async function loadAbsentData(
  db: Transaction,
  ids: readonly string[],
  needs: Needs,
): Promise<AbsentData> {
  const { rows } = await db.query<PresentData>(selectPresentData(db.workspaceId, ids, needs));
  const [present] = rows;
  if (!present) throw new Error('The aggregate returned no row');
  return {
    columns: needs.columns.difference(new Set(present.columns)),
    traits: needs.traits.difference(new Set(present.traits)),
    eventNames: present.hasUnlisted
      ? new Set()
      : needs.eventNames.difference(new Set(present.eventNames)),
  };
}

function selectPresentData(workspaceId: string, ids: readonly string[], needs: Needs): Sql {
  const columns = [...needs.columns].map(
    (name) => sql`case when bool_or(${rawSql(name)} is not null) then ${name}::text end`,
  );
  const named = joinSql([sql`null::text`, ...columns]);
  return sql`
    with customers as materialized (
      select c.* from unnest(${ids}::uuid[]) as wanted (id) cross join lateral (
        select * from customer where workspace_id = ${workspaceId}::uuid and id = wanted.id offset 0) as c)
    select array_remove(array[${named}], null) as columns,
      array(select distinct jsonb_object_keys(traits) from customers) as traits,
      array(select distinct unnest(event_names) from customers) as "eventNames",
      coalesce(bool_or(event_names is null), false) as "hasUnlisted"
    from customers`;
}
