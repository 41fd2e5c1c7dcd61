export const scopes = ['collect', 'ingest', 'read', 'write', 'admin'] as const;

/** What a key allows: sending events (from browsers or servers), reading, changing settings, or everything (`admin`). */
export type Scope = (typeof scopes)[number];

/** The description of each scope, for the schema, the command line and the guide. */
export const scopeDescriptions: Readonly<Record<Scope, string>> = {
  collect:
    'Sends events from browsers with the tracking routes, and receives the result of each. Reads nothing. The key is public, so it has no other scope.',
  ingest: 'Sends events from servers and receives the result of each. Reads nothing.',
  read: 'Reads and subscribes to everything except the API keys.',
  write:
    'Changes settings, segments, tasks, customers, tags, consents and stages, and makes and undoes merges. Receives ids, counts and errors; reading the changed objects needs the scope READ.',
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

/** How far an event can be trusted: anyone can send one with the key of a browser. */
export const trustLevels = ['SERVER', 'BROWSER'] as const;
export type Trust = (typeof trustLevels)[number];

/** The trust of events sent with the key; undefined if the key may not send events. Decision 0044. */
export function trustOf(principal: Principal): Trust | undefined {
  if (isAllowed(principal, 'ingest')) return 'SERVER';
  return isBrowserKey(principal) ? 'BROWSER' : undefined;
}

/** Whether the key may be shown in a web page. An admin key may not, although it allows everything. */
export const isBrowserKey = ({ scopes }: Pick<Principal, 'scopes'>) => scopes.includes('collect');

export const isAllowed = (principal: Principal, scope: Scope) =>
  principal.scopes.includes(scope) || principal.scopes.includes('admin');
