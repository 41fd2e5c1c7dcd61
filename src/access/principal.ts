export const scopes = ['ingest', 'read', 'write', 'admin'] as const;

/** What a key may do: send events, read, change settings, or all of it (`admin`). */
export type Scope = (typeof scopes)[number];

/** What each scope allows, in the words of the schema, the command line and the guide. */
export const scopeDescriptions: Readonly<Record<Scope, string>> = {
  ingest: 'Sends events. It sees the result of each event and nothing that is stored.',
  read: 'Reads and subscribes to everything but the keys.',
  write:
    'Changes settings, segments, tasks, tags, consents and stages, and undoes merges. It sees ids, counts and errors; to see the changed objects takes READ.',
  admin: 'Does all of it, and creates, lists and revokes keys.',
};

/** Whoever presents a key: one workspace, one key, what it may do there. */
export interface Principal {
  workspaceId: string;
  keyId: string;
  scopes: readonly Scope[];
}

export const isAllowed = (principal: Principal, scope: Scope) =>
  principal.scopes.includes(scope) || principal.scopes.includes('admin');
