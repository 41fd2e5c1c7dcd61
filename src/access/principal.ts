export const scopes = ['ingest', 'read', 'write', 'admin'] as const;

/** What a key may do: send events, read, change settings, or all of it (`admin`). */
export type Scope = (typeof scopes)[number];

/** What each scope allows, in the words of the schema, the command line and the guide. */
export const scopeDescriptions: Readonly<Record<Scope, string>> = {
  ingest: 'Sends events and receives the result of each. Reads nothing.',
  read: 'Reads and subscribes to everything except the API keys.',
  write:
    'Changes settings, segments, tasks, tags, consents and stages, and undoes merges. Receives ids, counts and errors; reading the changed objects needs the scope READ.',
  admin: 'Does everything, and creates, lists and revokes API keys.',
};

/** Whoever presents a key: one workspace, one key, what it may do there. */
export interface Principal {
  workspaceId: string;
  keyId: string;
  scopes: readonly Scope[];
}

export const isAllowed = (principal: Principal, scope: Scope) =>
  principal.scopes.includes(scope) || principal.scopes.includes('admin');
