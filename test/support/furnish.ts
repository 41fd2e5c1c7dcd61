import { giveStage } from './hand-over.ts';
import { newWorkspace, type TestServer, type TestWorkspace } from './server.ts';
import { addMember, addTeam } from './staff.ts';

/** A workspace with a row in every table, each text in it marked with the canary. */
export interface Furnished {
  workspace: TestWorkspace;
  canary: string;
  /** One global id of everything that has one, by type. */
  ids: Record<
    | 'ApiKey'
    | 'Customer'
    | 'Event'
    | 'Lifecycle'
    | 'Member'
    | 'Merge'
    | 'Stage'
    | 'Task'
    | 'Team'
    | 'Workspace',
    string
  >;
  /** The end of the change log. */
  cursor: string;
  /** Page cursors of the lists. */
  places: Record<
    'customers' | 'transitions' | 'events' | 'timeline' | 'ownTransitions' | 'tasks',
    string
  >;
}

export const mergedUserId = (canary: string) => `${canary}-user`;

export async function furnish(server: TestServer, canary: string): Promise<Furnished> {
  const workspace = await newWorkspace(server, { name: canary, scopes: ['admin'] });
  const member = await addMember(workspace, canary);
  const team = await addTeam(workspace, canary, [member]);
  // Whoever orders for the first time is handed over to the member.
  await giveStage(server, workspace, 'CONVERSION', { member });
  const userId = mergedUserId(canary);
  const properties = { canary, total: 12.5 };
  const event = 'Order Completed';
  await workspace.send([
    { type: 'page', anonymousId: `${canary}-visitor`, name: canary },
    { type: 'track', userId, event, properties, messageId: `${canary}-order` },
    { type: 'track', userId, event, properties: { ...properties, currency: 'EUR' } },
    { type: 'track', userId: `${canary}-other`, event: canary },
  ]);
  const traits = { name: canary, email: `${canary}@example.com`, [`tag:${canary}`]: true };
  await workspace.send([{ type: 'identify', userId, anonymousId: `${canary}-visitor`, traits }]);
  const found = await workspace.query<Found>(everyId, { userId });
  const { customer, lifecycle, customers, transitions } = found;
  return {
    workspace,
    canary,
    ids: {
      ApiKey: found.apiKeys[0]?.id ?? '',
      Customer: customer.id,
      Event: customer.events.nodes[0]?.id ?? '',
      Lifecycle: lifecycle.id,
      Member: member,
      Merge: customer.merges[0]?.id ?? '',
      Stage: lifecycle.stages[0]?.id ?? '',
      Task: found.tasks.nodes[0]?.id ?? '',
      Team: team,
      Workspace: found.workspace.id,
    },
    cursor: found.workspace.cursor,
    places: {
      customers: customers.pageInfo.endCursor,
      transitions: transitions.pageInfo.endCursor,
      events: customer.events.pageInfo.endCursor,
      timeline: customer.timeline.pageInfo.endCursor,
      ownTransitions: customer.transitions.pageInfo.endCursor,
      tasks: found.tasks.pageInfo.endCursor,
    },
  };
}

interface Page {
  nodes: Array<{ id: string }>;
  pageInfo: { endCursor: string };
}

interface Found {
  workspace: { id: string; cursor: string };
  apiKeys: Array<{ id: string }>;
  lifecycle: { id: string; stages: Array<{ id: string }> };
  customers: Page;
  transitions: Page;
  tasks: Page;
  customer: {
    id: string;
    merges: Array<{ id: string }>;
    events: Page;
    timeline: Page;
    transitions: Page;
  };
}

const everyId = `query ($userId: String!) {
  workspace { id cursor }
  apiKeys { id }
  lifecycle { id stages { id } }
  customers(first: 1) { pageInfo { endCursor } }
  transitions(first: 1) { pageInfo { endCursor } }
  tasks(first: 1) { nodes { id } pageInfo { endCursor } }
  customer(by: { userId: $userId }) {
    id
    merges { id }
    events(first: 1) { nodes { id } pageInfo { endCursor } }
    timeline(first: 1) { pageInfo { endCursor } }
    transitions(first: 1) { pageInfo { endCursor } }
  }
}`;
