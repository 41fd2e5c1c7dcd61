export const scopes = ['ingest', 'read', 'write', 'admin'] as const;

/** What a key may do: send events, read, change settings, or all of it (`admin`). */
export type Scope = (typeof scopes)[number];

/** Whoever presents a key: one workspace, one key, what it may do there. */
export interface Principal {
  workspaceId: string;
  keyId: string;
  scopes: readonly Scope[];
}

export const isAllowed = (principal: Principal, scope: Scope) =>
  principal.scopes.includes(scope) || principal.scopes.includes('admin');
