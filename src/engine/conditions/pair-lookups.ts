import { emptySql, joinSql, rawSql, type Sql, sql } from '../../platform/sql.ts';

/**
 * The origin of the pairs `s`. `given`: rows with the facts after one event of a batch; events that arrived later are
 * ignored. `stored`: the customers as stored. `past`: the customers rebuilt for an earlier instant.
 */
export type PairSource = 'given' | 'stored' | 'past';

/** A look-up for each pair, shared by several clauses. */
interface Lookup {
  alias: string;
  make: () => Sql;
}

export type PairLookups = ReturnType<typeof createPairLookups>;

/** Collects the look-ups that clauses refer to, each made once per pair. */
export function createPairLookups(workspaceId: string) {
  const lookups = new Map<string, Lookup>();
  let familyUsed = false;

  const family = sql`cross join lateral (
    select array(select m.id from customer m
      where m.workspace_id = ${workspaceId}::uuid and m.merged_into = s.customer_id)
      || s.customer_id as ids offset 0) as f`;

  return {
    /** Returns the alias of the look-up with the key. */
    lookup(key: string, make: Lookup['make']): Sql {
      const found = lookups.get(key) ?? { alias: `l${lookups.size}`, make };
      lookups.set(key, found);
      return rawSql(found.alias);
    },
    /** Makes `f.ids` available: the ids of the pair's customer and of those merged into it. */
    needFamily() {
      familyUsed = true;
    },
    /** The joins that the compiled clauses refer to, to append to the relation `s`. */
    joins() {
      const made = [...lookups.values()].map(
        // Without "offset 0" PostgreSQL would run the look-up for each clause that refers to it.
        ({ alias, make }) => sql`cross join lateral (${make()} offset 0) as ${rawSql(alias)}`,
      );
      return joinSql([familyUsed ? family : emptySql, ...made], ' ');
    },
  };
}
