import type { Database } from '../../platform/database.ts';
import { lockRules } from '../../platform/workspace-lock.ts';
import { isImporting, settleDue } from './catch-up.ts';
import { finishBuild } from './finish-build.ts';
import { findRunningBuild, renewBuilding } from './running-build.ts';
import { takeChunk } from './take-chunk.ts';

/**
 * Takes the oldest build of a workspace one step further: some more customers, or, once it has seen all of
 * them, into force. Answers whether there is more to do. Any number of servers may call it: each step
 * waits for the one before, and goes on from where that has got to.
 */
export const runBuilds = (database: Database, workspaceId: string, now: Date): Promise<boolean> =>
  database.inWorkspace(workspaceId, async (sql) => {
    lockRules(sql, workspaceId);
    const build = await findRunningBuild(sql, workspaceId);
    if (!build) {
      await renewBuilding(sql, workspaceId);
      return false;
    }
    const step = { now, isImporting: await isImporting(sql, workspaceId, now) };
    if (await takeChunk(sql, workspaceId, build, step)) return true;
    if (await settleDue(sql, workspaceId, step)) return true;
    await finishBuild(sql, workspaceId, build, now);
    return renewBuilding(sql, workspaceId);
  });
