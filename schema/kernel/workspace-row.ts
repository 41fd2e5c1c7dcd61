import { perOperation } from './per-operation.ts';

/** The caller's workspace. */
export const loadWorkspace = perOperation(({ tx, workspaceId }) =>
  tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } }),
);

/** The workspace's change log: its epoch and its last position in this snapshot. */
export const loadLog = perOperation(({ tx, workspaceId }) =>
  tx.changeCounter.findUniqueOrThrow({ where: { workspaceId } }),
);
