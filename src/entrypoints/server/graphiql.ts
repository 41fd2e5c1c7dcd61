import type { GraphiQLOptions } from 'graphql-yoga';

const headers = JSON.stringify({ Authorization: 'Bearer ' }, null, 2);

const customers = `# Enter your key after "Bearer" in the tab "Headers" below, then run this query.
query Customers {
  lifecycle {
    name
    stages { name customerCount }
  }
  customers(first: 10, orderBy: { field: LAST_SEEN, direction: DESC }) {
    totalCount
    nodes {
      id
      name
      email
      orderCount
      netRevenue { formatted }
      stage { stage { name } since }
    }
  }
}
`;

const live = `# Every stage change as it happens. Pass the last cursor as "after" to resume.
subscription Live {
  stageChanged {
    ... on StageChanged {
      cursor
      at
      fromKey
      toKey
      customer { name email }
    }
    ... on StreamReset { reason cursor }
  }
}
`;

const track = `mutation Track {
  track(events: [
    { type: IDENTIFY, userId: "ada", traits: { name: "Ada", email: "ada@example.com" } }
    { type: TRACK, userId: "ada", event: "Order Completed", properties: { order_id: "1", total: 12.5 } }
  ]) {
    results { status messageId code message }
  }
}
`;

/** The options of the page at /graphql, with an example in each tab. */
export const graphiql: GraphiQLOptions = {
  title: 'Stageline',
  defaultTabs: [customers, live, track].map((query) => ({ query, headers })),
  headers,
  shouldPersistHeaders: false,
  defaultEditorToolsVisibility: 'headers',
  subscriptionsProtocol: 'GRAPHQL_SSE',
};
