import { sql } from '../../src/platform/sql.ts';
import { installModel } from './churn-models.ts';
import { setStageOwner } from './hand-over.ts';
import { changeList, createTestSegment } from './segments.ts';
import { newWorkspace, type TestServer, type TestWorkspace } from './server.ts';
import { addMember, addTeam } from './teams-and-tasks.ts';

/** A workspace with a row in every table, each text marked with the canary. */
export interface SeededWorkspace {
  workspace: TestWorkspace;
  canary: string;
  /** One global id of each type. */
  ids: Record<
    | 'ApiKey'
    | 'Customer'
    | 'Event'
    | 'Lifecycle'
    | 'Member'
    | 'Merge'
    | 'Order'
    | 'RejectedEvent'
    | 'Segment'
    | 'Stage'
    | 'Task'
    | 'Team'
    | 'Workspace',
    string
  >;
  /** The position of the last change. */
  cursor: string;
  /** Page cursors of the lists. */
  pageCursors: Record<
    | 'customers'
    | 'transitions'
    | 'events'
    | 'orders'
    | 'timeline'
    | 'ownTransitions'
    | 'tasks'
    | 'rejectedEvents'
    | 'exchangeRates'
    | 'segments'
    | 'members',
    string
  >;
}

export const mergedUserId = (canary: string) => `${canary}-user`;

export async function seedWorkspace(server: TestServer, canary: string): Promise<SeededWorkspace> {
  const workspace = await newWorkspace(server, { name: canary, scopes: ['admin'] });
  const member = await addMember(workspace, canary);
  const team = await addTeam(workspace, canary, [member]);
  // The first order of a customer creates a task for the member.
  await setStageOwner(server, workspace, 'CONVERSION', { member });
  const userId = mergedUserId(canary);
  const properties = { canary, total: 12.5 };
  const event = 'Order Completed';
  await workspace.send([
    { type: 'page', anonymousId: `${canary}-visitor`, name: canary },
    {
      ...{ type: 'track', userId, event, messageId: `${canary}-order` },
      properties: { ...properties, order_id: canary, products: [{ sku: canary }] },
    },
    ...recordsOf(canary, userId),
    { type: 'track', userId, event, properties: { ...properties, currency: 'EUR' } },
    { type: 'track', userId: `${canary}-other`, event: canary },
  ]);
  await workspace.send([{ type: 'track', messageId: `${canary}-rejected`, anonymousId: canary }]);
  await server.ingest.idle();
  const traits = {
    name: canary,
    email: `${canary}@example.com`,
    [`tag:${canary}`]: true,
    [`consent:${canary}`]: true,
  };
  await workspace.send([{ type: 'identify', userId, anonymousId: `${canary}-visitor`, traits }]);
  await createTestSegment(workspace, { name: canary, tags: [canary] });
  await changeList(workspace, 'addSegmentMembers', canary, [userId, `${canary}-other`]);
  await workspace.query(setRate);
  const seeded = await workspace.query<SeededIds>(idsQuery, { userId });
  await workspace.query(setConsent, { id: seeded.customer.id, channel: canary });
  await addAbandonedBuild(server, workspace);
  await installModel(server, workspace, { canary });
  const { customer, lifecycle, customers, transitions } = seeded;
  return {
    workspace,
    canary,
    ids: {
      ApiKey: seeded.apiKeys[0]?.id ?? '',
      Customer: customer.id,
      Event: customer.events.nodes[0]?.id ?? '',
      Lifecycle: lifecycle.id,
      Member: member,
      RejectedEvent: seeded.rejectedEvents.nodes[0]?.id ?? '',
      Merge: customer.merges[0]?.id ?? '',
      Order: customer.orders.nodes[0]?.id ?? '',
      Segment: seeded.segments.nodes[0]?.id ?? '',
      Stage: lifecycle.stages[0]?.id ?? '',
      Task: seeded.tasks.nodes[0]?.id ?? '',
      Team: team,
      Workspace: seeded.workspace.id,
    },
    cursor: seeded.workspace.cursor,
    pageCursors: {
      customers: customers.pageInfo.endCursor,
      transitions: transitions.pageInfo.endCursor,
      events: customer.events.pageInfo.endCursor,
      orders: customer.orders.pageInfo.endCursor,
      timeline: customer.timeline.pageInfo.endCursor,
      ownTransitions: customer.transitions.pageInfo.endCursor,
      tasks: seeded.tasks.pageInfo.endCursor,
      rejectedEvents: seeded.rejectedEvents.pageInfo.endCursor,
      exchangeRates: seeded.exchangeRates.pageInfo.endCursor,
      segments: seeded.segments.pageInfo.endCursor,
      members: seeded.segments.nodes[0]?.members.pageInfo.endCursor ?? '',
    },
  };
}

/** Adds an abandoned build with its placements, which the API never shows. */
async function addAbandonedBuild(server: TestServer, { id }: TestWorkspace) {
  await server.database.inWorkspace(id, async (db) => {
    await db.query(sql`
      with cancelled as (
        insert into job (workspace_id, id, kind, key, state, run_at, started_at)
        select ${id}, id, 'BUILD', id, 'CANCELLED', now(), now() from segment where workspace_id = ${id}
        returning id)
      insert into build (workspace_id, id, subject_kind, subject_id, version, definition)
      select ${id}, id, 'SEGMENT', id, 1, '{"filter": {"any": []}}' from cancelled`);
    await db.query(sql`
      insert into build_place (workspace_id, build_id, customer_id, stage_key, since)
      select b.workspace_id, b.id, c.id, '', now() from build b
      join customer c on c.workspace_id = b.workspace_id where b.workspace_id = ${id}`);
  });
}

interface Page {
  nodes: Array<{ id: string }>;
  pageInfo: { endCursor: string };
}

interface SeededIds {
  workspace: { id: string; cursor: string };
  apiKeys: Array<{ id: string }>;
  lifecycle: { id: string; stages: Array<{ id: string }> };
  customers: Page;
  transitions: Page;
  tasks: Page;
  rejectedEvents: Page;
  exchangeRates: Page;
  segments: { nodes: Array<{ id: string; members: Page }>; pageInfo: { endCursor: string } };
  customer: {
    id: string;
    merges: Array<{ id: string }>;
    events: Page;
    orders: Page;
    timeline: Page;
    transitions: Page;
  };
}

const setConsent = `mutation ($id: ID!, $channel: String!) {
  setConsent(customer: $id, purpose: "news", channel: $channel, granted: true) { __typename }
}`;

/** A refund, a subscription and a lead. */
const recordsOf = (canary: string, userId: string) =>
  ['Order Refunded', 'Subscription Started', 'Lead Captured'].map((event) => ({
    ...{ type: 'track', userId, event },
    properties: { canary, total: 1, order_id: canary, subscription_id: canary, lead_id: canary },
  }));

const setRate = `mutation {
  setExchangeRates(rates: [{ currency: "EUR", effectiveOn: "2026-01-01", rate: "1.25" }]) { __typename } }`;

const idsQuery = `query ($userId: String!) {
  workspace { id cursor }
  apiKeys { id }
  lifecycle { id stages { id } }
  customers(first: 1) { pageInfo { endCursor } }
  transitions(first: 1) { pageInfo { endCursor } }
  segments(first: 1) { nodes { id members(first: 1) { pageInfo { endCursor } } } pageInfo { endCursor } }
  rejectedEvents(first: 1) { nodes { id } pageInfo { endCursor } }
  exchangeRates(first: 1) { pageInfo { endCursor } }
  tasks(first: 1) { nodes { id } pageInfo { endCursor } }
  customer(by: { userId: $userId }) {
    id
    merges { id }
    events(first: 1) { nodes { id } pageInfo { endCursor } }
    orders(first: 1) { nodes { id } pageInfo { endCursor } }
    timeline(first: 1) { pageInfo { endCursor } }
    transitions(first: 1) { pageInfo { endCursor } }
  }
}`;
