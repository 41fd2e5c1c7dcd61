import type { Database } from '../../platform/database.ts';
import { changeMembers, type MembersRequest } from './change-members.ts';
import { createSegment, type SegmentRequest } from './create-segment.ts';
import { deleteSegment } from './delete-segment.ts';
import { type SegmentUpdate, updateSegment } from './update-segment.ts';

/** The operations that change segments and the members of manual lists. */
export interface Segments {
  /** @throws InvalidInput, InvalidFilter, NotFound for an owner */
  create(workspaceId: string, request: SegmentRequest, now: Date): Promise<{ segmentId: string }>;
  /** @throws NotFound, InvalidInput, InvalidFilter */
  update(workspaceId: string, id: string, update: SegmentUpdate, now: Date): Promise<void>;
  /** @throws NotFound, InUse */
  delete(workspaceId: string, id: string, now: Date): Promise<void>;
  /** @throws NotFound, InvalidInput */
  changeMembers(
    workspaceId: string,
    request: MembersRequest,
    now: Date,
  ): Promise<{ changed: ReadonlySet<string> }>;
}

export const createSegments = (
  database: Database,
  { maxSegments }: { maxSegments: number },
): Segments => ({
  create: (workspaceId, request, now) =>
    createSegment(database, workspaceId, request, { now, maxSegments }),
  update: (workspaceId, id, update, now) => updateSegment(database, workspaceId, id, update, now),
  delete: (workspaceId, id, now) => deleteSegment(database, workspaceId, id, now),
  changeMembers: (workspaceId, request, now) => changeMembers(database, workspaceId, request, now),
});
