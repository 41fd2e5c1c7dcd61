import { ask } from './inspect.ts';
import type { TestServer, TestWorkspace } from './server.ts';

/** Numbers of customers by stage, without the stages that have none. */
export type StageTable = Record<string, number>;

/** A change of the log that concerns the stages of the default lifecycle. */
export interface StageChange {
  position: number;
  isMove: boolean;
  from: string | null;
  to: string | null;
}

/** What the log itself says about stages: a reference for what is delivered. */
export async function readStageLog(
  server: TestServer,
  { id }: TestWorkspace,
): Promise<StageChange[]> {
  return ask<StageChange>(
    server,
    `select c.position::int, c.kind = 'STAGE_CHANGED' as "isMove",
       case c.kind when 'STAGE_CHANGED' then c.data ->> 'from' else c.data -> 'places' ->> l.id::text end as "from",
       c.data ->> 'to' as "to"
     from change c join lifecycle l on l.workspace_id = c.workspace_id and l.is_default
     where c.workspace_id = $1 and (
       c.kind = 'STAGE_CHANGED' and c.data ->> 'lifecycle' = l.id::text
       or c.kind = 'CUSTOMER_MERGED' and c.data -> 'places' ? l.id::text)
     order by c.position`,
    [id],
  );
}

/** Adds the effect of changes to the counts. */
export function foldStages(begin: StageTable, changes: readonly StageChange[]): StageTable {
  const table = { ...begin };
  const add = (stage: string | null, step: number) => {
    if (stage === null) return;
    table[stage] = (table[stage] ?? 0) + step;
    if (table[stage] === 0) delete table[stage];
  };
  for (const { from, to } of changes) {
    add(from, -1);
    add(to, 1);
  }
  return table;
}
