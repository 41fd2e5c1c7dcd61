/** The load of one read key, run in its own thread. */
export type LoadTask = { url: string; key: string; clients: number; seconds: number } & (
  | { query: string }
  | { subscribes: number }
);

export interface LoadResult {
  first: { isGood: boolean; seconds: number };
  /** Number of responses by HTTP status, or of messages by type. */
  statuses: Record<string, number>;
}

export interface Load {
  name: string;
  clients: number;
  /** Database connections of the server. Default: the server's. */
  poolSize?: number;
  work: { query: string } | { subscribes: number };
}

const history = `{ segmentHistory(where: { fact: { orderCount: { atLeast: 2 } } },
  from: "1997-05-27T00:00:00Z", to: "1998-06-30T00:00:00Z") { count } }`;
const backtest = `{ churnBacktest(calibrationEnd: "1998-04-01T00:00:00Z", model: PARETO_NBD) {
  ... on ChurnBacktest { __typename } ... on Refusal { message } } }`;
const page = `{ customers(first: 100, where: { fact: { orderCount: { atLeast: 2 } } }) { totalCount
  nodes { id name stages { stage { key } } events(first: 5) { nodes { name occurredAt } } } } }`;

/** Loads that once blocked all other workspaces. */
export const loads: readonly Load[] = [
  { name: '10 × segmentHistory, 400 points', clients: 10, work: { query: history } },
  { name: '20 × segmentHistory, 400 points', clients: 20, work: { query: history } },
  { name: '10 × churnBacktest, Pareto/NBD', clients: 10, work: { query: backtest } },
  { name: '20,000 × subscribe + complete', clients: 1, work: { subscribes: 20_000 } },
  { name: '200 × customers, pool of 8', clients: 200, poolSize: 8, work: { query: page } },
];
