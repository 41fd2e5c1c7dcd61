export const scopes = ['ingest', 'read', 'write', 'admin'] as const;

/** What a key allows: sending events, reading, changing settings, or everything (`admin`). */
export type Scope = (typeof scopes)[number];

/** The description of each scope, for the schema, the command line and the guide. */
export const scopeDescriptions: Readonly<Record<Scope, string>> = {
  ingest: 'Sends events and receives the result of each. Reads nothing.',
  read: 'Reads and subscribes to everything except the API keys.',
  write:
    'Changes settings, segments, tasks, tags, consents and stages, and undoes merges. Receives ids, counts and errors; reading the changed objects needs the scope READ.',
  admin: 'Does everything, and creates, lists and revokes API keys.',
};

/** The authenticated caller: its workspace, key and scopes. */
export interface Principal {
  workspaceId: string;
  keyId: string;
  scopes: readonly Scope[];
  /** When the key expires, in milliseconds on the clock of this process; absent if it does not. */
  validUntil?: number;
}

export const isAllowed = (principal: Principal, scope: Scope) =>
  principal.scopes.includes(scope) || principal.scopes.includes('admin');
