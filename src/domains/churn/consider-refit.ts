import type { Database, Sql } from '../../platform/database.ts';
import { msPerDay } from '../../platform/time/ms-per-day.ts';
import { hasRunningJob, startJob } from './jobs.ts';
import type { ChurnMode } from './risk/risk-model.ts';
import { loadChurnSettings } from './settings.ts';

const aWeek = 7 * msPerDay;
/** So much more than the latest model knows is reason enough not to wait for the week to end. */
const muchNew = 0.05;

/**
 * Once a day: sets out to fit a model if much is new since the latest one, or it is a week old. It comes into
 * force if it is no worse.
 */
export const considerRefit = (database: Database, workspaceId: string, now: Date): Promise<void> =>
  database.inWorkspace(workspaceId, async (sql) => {
    const { rowCount } = await sql.query(
      'update workspace_directory set refit_at = $3 where id = $1 and refit_at <= $2',
      [workspaceId, now, new Date(now.getTime() + msPerDay)],
    );
    // Another server was first.
    if (rowCount === 0) return;
    const { automaticRefit, mode } = await loadChurnSettings(sql, workspaceId);
    if (!automaticRefit || (await hasRunningJob(sql, workspaceId))) return;
    if (!(await isWorthwhile(sql, workspaceId, mode, now))) return;
    await startJob(sql, workspaceId, {
      mode,
      phase: 'FITTING',
      activation: 'IF_NOT_WORSE',
      modelId: null,
      now,
    });
  });

async function isWorthwhile(
  sql: Sql,
  workspaceId: string,
  mode: ChurnMode,
  now: Date,
): Promise<boolean> {
  const { rows } = await sql.query<{ createdAt: Date; known: number; events: number }>(
    `select m.created_at as "createdAt", (m.evidence ->> 'events')::float8 as known,
       (select coalesce(sum(c.events), 0) from customer c where c.workspace_id = $1)::float8 as events
     from churn_model m where m.workspace_id = $1 and m.mode = $2 order by m.version desc limit 1`,
    [workspaceId, mode],
  );
  const [latest] = rows;
  if (!latest) return true;
  const isOld = now.getTime() - latest.createdAt.getTime() >= aWeek;
  return isOld || latest.events - latest.known >= muchNew * Math.max(1, latest.known);
}
