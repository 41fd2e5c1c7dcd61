import type { Sql } from '../platform/database.ts';
import type { Rule } from './rule.ts';

export interface StageRule {
  key: string;
  rule: Rule;
}

/** A lifecycle as evaluation needs it: its stages in order with their rules. */
export interface LifecycleRules {
  id: string;
  version: number;
  stages: StageRule[];
}

export async function loadLifecycles(sql: Sql, workspaceId: string): Promise<LifecycleRules[]> {
  const { rows } = await sql.query<LifecycleRules>(
    `select l.id, l.version,
       json_agg(json_build_object('key', s.key, 'rule', s.rule) order by s.ordinal) as stages
     from lifecycle l
     join stage s on s.workspace_id = l.workspace_id and s.lifecycle_id = l.id
     where l.workspace_id = $1
     group by l.workspace_id, l.id
     order by l.key`,
    [workspaceId],
  );
  return rows;
}
