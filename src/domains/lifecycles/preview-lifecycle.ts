import { resolveFilter } from '../../engine/conditions/resolve.ts';
import { loadVocabulary, type Vocabulary } from '../../engine/conditions/vocabulary.ts';
import { conditionSql } from '../../engine/conditions/where.ts';
import { sqlThrough, type Tx } from '../../platform/database.ts';
import { emptySql, joinSql, type Sql, sql } from '../../platform/sql.ts';
import { checkDependants, checkRules } from './check-rules.ts';
import type { StageDraft } from './definition/stage-draft.ts';
import { withStages } from './filter/lifecycle-vocabulary.ts';
import { parseStages, type StageRequest } from './parse-stages.ts';

/** How many customers would move from one stage to another, with a sample of them. */
export interface PreviewMove {
  /** Null for customers without a stage. */
  from: string | null;
  to: string | null;
  customers: number;
  sample: string[];
}

interface Proposal {
  id: string;
  key: string;
  stages: StageRequest[];
}

/**
 * Computes where proposed stages would place the customers, grouped by present and proposed stage;
 * customers that would not move form groups too. Writes nothing.
 *
 * @throws InvalidInput, InvalidFilter, InUse, as updating the lifecycle would
 */
export async function previewLifecycle(
  tx: Tx,
  workspaceId: string,
  { id, key, stages: requests }: Proposal,
  now: Date,
): Promise<PreviewMove[]> {
  const db = sqlThrough(tx, workspaceId);
  const stages = parseStages(requests);
  await checkRules(db, { id, key, stages });
  await checkDependants(db, { id, key, stages });
  const vocabulary = await loadVocabulary(db);
  const destination = selectDestination(stages, { workspaceId, lifecycleId: id, now, vocabulary });
  return tx.$queryRaw<PreviewMove[]>`
    select "from", "to", count(*)::int as customers,
      (array_agg(id order by first_seen_at desc, id desc))[1:10] as sample
    from (
      select c.id, c.first_seen_at, p.stage_key as "from", ${destination} as "to"
      from customer c
      left join customer_stage p on p.workspace_id = ${workspaceId}::uuid and p.customer_id = c.id
        and p.lifecycle_id = ${id}::uuid
      where c.workspace_id = ${workspaceId}::uuid and c.merged_into is null
    ) as destinations
    group by "from", "to"
    order by customers desc, "from" nulls first, "to" nulls first`;
}

interface DestinationOptions {
  workspaceId: string;
  lifecycleId: string;
  now: Date;
  vocabulary: Vocabulary;
}

/** The stage of the customer `c`, whose current stage is `p`: the last stage whose entry or stay rule matches. */
function selectDestination(stages: readonly StageDraft[], options: DestinationOptions): Sql {
  const { workspaceId, lifecycleId, now, vocabulary } = options;
  const keys = stages.map(({ key }) => key);
  const proposed = withStages(vocabulary, lifecycleId, keys);
  const matches = (filter: StageDraft['entry']) => {
    const condition = resolveFilter(filter, proposed, 'rule', { ownLifecycleId: lifecycleId });
    return conditionSql(condition, { workspaceId, timeZone: vocabulary.timeZone, now });
  };
  const cases = stages.toReversed().map(({ key, entry, stay }) => {
    const stays = stay ? sql`or p.stage_key = ${key} and ${matches(stay)}` : emptySql;
    return sql`when (${matches(entry)}) ${stays} then ${key}::text`;
  });
  const isKept = sql`p.stage_key = any(${keys}::text[])`;
  return sql`case when ${isKept} and p.pinned_until > ${now} then p.stage_key
    ${joinSql(cases, ' ')}
    when ${isKept} then p.stage_key end`;
}
