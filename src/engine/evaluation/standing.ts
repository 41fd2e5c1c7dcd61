import { Prisma } from '../../../prisma/generated/client.ts';
import { bandPlace, flaggedKey, flagPlace } from '../../domains/churn/filter/risk-placements.ts';
import type { Sql } from '../../platform/database.ts';
import { toPlacement } from '../conditions/load-stage-placements.ts';
import type { StagePlacement } from '../conditions/stage-placement.ts';
import type { Rules } from './rules.ts';

/** A customer's place under one set of rules. */
export interface Held extends StagePlacement {
  /** Rules do not move it before this instant (ms). */
  pinnedUntil: number | undefined;
  /** Of a band: what it was assessed by last. */
  assessed?: Assessed | undefined;
}

/** What a customer's risk was assessed by. */
export interface Assessed {
  modelId: string;
  x: number;
  last: number;
}

/** Where a customer is under every set of rules, by the set's id; absent where it is nowhere. */
export type Standing = Map<string, Held>;

interface HeldRow {
  customerId: string;
  setId: string;
  stageKey: string;
  since: Date;
  leftAt: Record<string, string> | null;
  pinnedUntil: Date | number | null;
  assessed: Assessed | null;
}

/** Where these customers stand; whoever is nowhere has an empty standing. */
export async function loadStandings(
  sql: Sql,
  workspaceId: string,
  rules: Pick<Rules, 'sets'>,
  ids: readonly string[],
): Promise<Map<string, Standing>> {
  const standings = new Map(ids.map((id): [string, Standing] => [id, new Map()]));
  if (ids.length === 0) return standings;
  const { text, values } = selectHeld(workspaceId, rules, ids);
  const { rows } = await sql.query<HeldRow>(text, values);
  for (const { customerId, setId, stageKey, since, leftAt, pinnedUntil, assessed } of rows) {
    const pin = pinnedUntil === null ? undefined : Number(pinnedUntil);
    standings.get(customerId)?.set(setId, {
      ...toPlacement(stageKey, since, leftAt ?? {}),
      pinnedUntil: pin,
      assessed: assessed ?? undefined,
    });
  }
  return standings;
}

/**
 * Only what some rule can change: places, memberships by a filter, and those on their way. Looked up
 * customer by customer: see `rowOfCustomer`.
 */
function selectHeld(
  workspaceId: string,
  { sets }: Pick<Rules, 'sets'>,
  ids: readonly string[],
): Prisma.Sql {
  const own = Prisma.sql`workspace_id = ${workspaceId}::uuid and customer_id = asked.id`;
  const parts = [
    Prisma.sql`select lifecycle_id::text as "setId", stage_key as "stageKey", since,
      left_at as "leftAt", pinned_until as "pinnedUntil", null::json as assessed
      from customer_stage where ${own}`,
  ];
  if (sets.some(({ kind, asksPlaces }) => kind === 'RISK' || asksPlaces)) {
    parts.push(Prisma.sql`select held.place, held.stage_key, held.since, null, null, held.assessed
      from customer_risk r cross join lateral (values
        (${bandPlace}::text, r.band, r.since, json_build_object('modelId', r.model_id, 'x', r.x,
          'last', round(extract(epoch from r.last_at) * 1000))),
        (${flagPlace}::text, ${flaggedKey}::text, r.flagged_since, null)
      ) as held (place, stage_key, since, assessed)
      where r.workspace_id = ${workspaceId}::uuid and r.customer_id = asked.id
        and held.since is not null`);
  }
  const segments = sets.filter((set) => set.kind === 'SEGMENT' && set.buildId === null);
  if (segments.length > 0) {
    parts.push(Prisma.sql`select segment_id::text, '', since, null, null, null from segment_member
      where ${own} and segment_id = any(${segments.map(({ id }) => id)}::uuid[])`);
  }
  if (sets.some((set) => set.buildId !== null)) {
    parts.push(Prisma.sql`select build_id::text, stage_key, since, left_at, null, null
      from build_place where ${own}`);
  }
  return Prisma.sql`select asked.id as "customerId", held.* from unnest(${ids}::uuid[]) as asked (id)
    cross join lateral (${Prisma.join(parts, ' union all ')} offset 0) as held`;
}
