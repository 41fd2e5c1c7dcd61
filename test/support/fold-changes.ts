import type { TestWorkspace } from './server.ts';

/** What a client that adds up the change log knows: stages and segments by the id of the customer. */
export type FoldedState = Record<string, { stages: Record<string, string>; segments: string[] }>;

interface LoggedChange {
  __typename: string;
  cursor: string;
  customerId: string;
  at: string;
  toKey: string | null;
  fromId: string;
  lifecycle: { key: string };
  segment: { key: string };
}

const document = `query ($after: Cursor) {
  changes(first: 1000, after: $after) { ... on ChangePage { cursor hasMore changes {
    __typename cursor customerId at
    ... on StageChanged { lifecycle { key } toKey }
    ... on SegmentEntered { segment { key } }
    ... on SegmentLeft { segment { key } }
    ... on CustomerMerged { fromId }
  } } } }`;

/** Reads the changes after a cursor; all of them without one. */
export async function readLog(workspace: TestWorkspace, after?: string): Promise<LoggedChange[]> {
  const { changes } = await workspace.query<{
    changes: { cursor: string; hasMore: boolean; changes: LoggedChange[] };
  }>(document, { after });
  return changes.hasMore
    ? [...changes.changes, ...(await readLog(workspace, changes.cursor))]
    : changes.changes;
}

/** Adds changes to a state, as the guide says. */
export function foldChanges(begin: FoldedState, changes: readonly LoggedChange[]): FoldedState {
  const state = structuredClone(begin);
  const stateOf = (id: string) => {
    state[id] ??= { stages: {}, segments: [] };
    return state[id];
  };
  for (const change of changes) {
    const known = stateOf(change.customerId);
    if (change.__typename === 'CustomerMerged') delete state[change.fromId];
    if (change.__typename === 'StageChanged') {
      if (change.toKey) known.stages[change.lifecycle.key] = `${change.toKey} ${change.at}`;
      else delete known.stages[change.lifecycle.key];
    }
    if (change.__typename === 'SegmentEntered') known.segments.push(change.segment.key);
    if (change.__typename === 'SegmentLeft') {
      known.segments = known.segments.filter((key) => key !== change.segment.key);
    }
  }
  return withoutEmpty(state);
}

const withoutEmpty = (state: FoldedState): FoldedState =>
  Object.fromEntries(
    Object.entries(state).flatMap(([id, { stages, segments }]) =>
      Object.keys(stages).length + segments.length === 0
        ? []
        : [[id, { stages, segments: segments.toSorted() }]],
    ),
  );

const snapshot = `{ workspace { cursor } customers(first: 100) { nodes { id
  stages { since stage { key } lifecycle { key } } segments { segment { key } } } } }`;

interface Snapshot {
  workspace: { cursor: string };
  customers: {
    nodes: Array<{
      id: string;
      stages: Array<{ since: string; stage: { key: string }; lifecycle: { key: string } }>;
      segments: Array<{ segment: { key: string } }>;
    }>;
  };
}

/** Reads the state and the cursor up to which changes have led to it. */
export async function readState(
  workspace: TestWorkspace,
): Promise<{ cursor: string; state: FoldedState }> {
  const answer = await workspace.query<Snapshot>(snapshot);
  const state = Object.fromEntries(
    answer.customers.nodes.map(({ id, stages, segments }) => [
      id,
      {
        stages: Object.fromEntries(
          stages.map(({ since, stage, lifecycle }) => [lifecycle.key, `${stage.key} ${since}`]),
        ),
        segments: segments.map(({ segment }) => segment.key),
      },
    ]),
  );
  return { cursor: answer.workspace.cursor, state: withoutEmpty(state) };
}
