import type { Database } from '../../platform/database.ts';
import { defineLifecycle, type LifecycleRequest } from './define-lifecycle.ts';
import { deleteLifecycle } from './delete-lifecycle.ts';
import { makeDefaultLifecycle } from './make-default-lifecycle.ts';
import {
  type MoveRequest,
  moveCustomer,
  type UnpinRequest,
  unpinCustomer,
} from './move-customer.ts';
import { type LifecycleUpdate, updateLifecycle } from './update-lifecycle.ts';

/** The operations that change lifecycles, and those that move customers by hand. */
export interface Lifecycles {
  /** @throws InvalidInput, InvalidFilter, NotFound for an owner */
  create(
    workspaceId: string,
    request: LifecycleRequest,
    now: Date,
  ): Promise<{ lifecycleId: string }>;
  /** @throws NotFound, InvalidInput, InvalidFilter, InUse */
  update(workspaceId: string, id: string, update: LifecycleUpdate, now: Date): Promise<void>;
  /** @throws NotFound, InUse */
  delete(workspaceId: string, id: string): Promise<void>;
  /** @throws NotFound, InvalidInput, InUse */
  makeDefault(workspaceId: string, id: string): Promise<void>;
  /** @throws NotFound, InvalidInput, MoveRefused */
  move(workspaceId: string, request: MoveRequest, now: Date): Promise<{ moved: boolean }>;
  /** @throws NotFound, InvalidInput */
  unpin(workspaceId: string, request: UnpinRequest, now: Date): Promise<{ unpinned: boolean }>;
}

export const createLifecycles = (
  database: Database,
  { maxLifecycles }: { maxLifecycles: number },
): Lifecycles => ({
  create: (workspaceId, request, now) =>
    defineLifecycle(database, workspaceId, request, { now, maxLifecycles }),
  update: (workspaceId, id, update, now) => updateLifecycle(database, workspaceId, id, update, now),
  delete: (workspaceId, id) => deleteLifecycle(database, workspaceId, id),
  makeDefault: (workspaceId, id) => makeDefaultLifecycle(database, workspaceId, id),
  move: (workspaceId, request, now) => moveCustomer(database, workspaceId, request, now),
  unpin: (workspaceId, request, now) => unpinCustomer(database, workspaceId, request, now),
});
