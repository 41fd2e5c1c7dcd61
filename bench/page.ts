import { connectionsOf } from './ingest.ts';
import { type Statement, startStatementProxy } from './statement-proxy.ts';
import type { Bench } from './support/bench.ts';
import { type Connection, operationBody, withConnections } from './support/connection.ts';
import type { Measurement } from './support/report.ts';
import { type BenchServer, benchAdminKey, startBenchServer } from './support/server.ts';
import { mean, median, percentile } from './support/spread.ts';

const seconds = 3;
const query = `query Page($first: Int!, $after: String) {
  customers(first: $first, after: $after) {
    pageInfo { endCursor hasNextPage }
    nodes {
      id name orderCount
      stages { since stage { key name } lifecycle { key } }
      events(first: 5) { nodes { id name occurredAt amount { formatted } } }
    }
  }
}`;

const line = (measure: string, unit: string, values: number[]): Measurement => ({
  benchmark: 'page',
  measure,
  unit,
  values,
});

/** Reads all customers page by page, with their stages and last events. */
export async function benchPage(bench: Bench, server: BenchServer): Promise<Measurement[]> {
  bench.log(`page: reading all customers page by page, ${seconds} s per run`);
  await load(server, 2, 1);
  const measured: Measurement[] = [];
  for (const count of [1, 8]) {
    const runs: Load[] = [];
    for (let run = 0; run < bench.runs; run += 1) runs.push(await load(server, count, seconds));
    const name = `20 customers, ${connectionsOf(count)}`;
    measured.push(
      line(
        name,
        'requests/s',
        runs.map(({ rate }) => rate),
      ),
      line(
        `${name}, p50`,
        'ms',
        runs.map(({ times }) => percentile(times, 0.5)),
      ),
      line(
        `${name}, p99`,
        'ms',
        runs.map(({ times }) => percentile(times, 0.99)),
      ),
    );
  }
  return [...measured, ...(await countStatements(bench, server))];
}

interface Load {
  rate: number;
  times: number[];
}

async function load({ url }: BenchServer, count: number, forSeconds: number): Promise<Load> {
  return withConnections({ url, key: benchAdminKey, count }, async (connections) => {
    const began = performance.now();
    const until = began + forSeconds * 1_000;
    const all = await Promise.all(connections.map((one) => readPages(one, 20, until)));
    const times = all.flat();
    return { rate: (times.length / (performance.now() - began)) * 1_000, times };
  });
}

/** Reads page after page until the time is over; returns the duration of each request. */
async function readPages(connection: Connection, first: number, until: number): Promise<number[]> {
  const times: number[] = [];
  let after: string | null = null;
  while (performance.now() < until) {
    const page = await requestPage(connection, first, after);
    times.push(page.ms);
    after = page.next;
  }
  return times;
}

async function requestPage(connection: Connection, first: number, after: string | null) {
  const body = operationBody(query, { first, after });
  const began = performance.now();
  const { text } = await connection.post('/graphql', body);
  const ms = performance.now() - began;
  const { data, errors } = JSON.parse(text) as {
    data?: {
      customers: { nodes: object[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
    };
    errors?: unknown;
  };
  if (!data) throw new Error(`A page was refused: ${JSON.stringify(errors)}`);
  const { endCursor, hasNextPage } = data.customers.pageInfo;
  return { ms, next: hasNextPage ? endCursor : null };
}

/**
 * Counts statements with a second server on the same database, behind a proxy that records every statement. The duration
 * of the smallest operation without the database counts as HTTP, the time between a statement's request and its end as
 * SQL, and the remainder of a page as GraphQL (Prisma included).
 */
async function countStatements(bench: Bench, beside: BenchServer): Promise<Measurement[]> {
  const proxy = await startStatementProxy(beside.databaseUrl);
  const server = await startBenchServer({ databaseUrl: proxy.url, cpuProfile: undefined });
  try {
    return await withConnections(
      { url: server.url, key: benchAdminKey, count: 1 },
      async ([only]) => {
        if (!only) throw new Error('There is no connection');
        const request = async (first: number, times: number) =>
          sample(proxy, only, { first, times });
        await request(20, 100);
        const counts: Measurement[] = [];
        for (const first of [10, 20, 100])
          counts.push(...countLines(first, await request(first, 20)));
        const shares: Share[] = [];
        for (let run = 0; run < bench.runs; run += 1) {
          shares.push(shareOf(await request(20, 200), await measureSmallest(only, 200)));
        }
        return [...counts, ...shareLines(shares)];
      },
    );
  } finally {
    await server.stop();
    await proxy.end();
  }
}

interface Sample {
  ms: number;
  statements: Statement[];
}

async function sample(
  proxy: { take(): Statement[] },
  connection: Connection,
  { first, times }: { first: number; times: number },
): Promise<Sample[]> {
  const samples: Sample[] = [];
  let after: string | null = null;
  for (let time = 0; time < times; time += 1) {
    proxy.take();
    const page = await requestPage(connection, first, after);
    // The end of the transaction may follow the response.
    await new Promise((resolve) => setTimeout(resolve, 2));
    samples.push({ ms: page.ms, statements: proxy.take() });
    after = page.next;
  }
  return samples;
}

const isTransactionControl = ({ text }: Statement) =>
  /^\s*(begin|commit|rollback|set )|set_config/i.test(text);

/** Uses the median, because the server itself also queries once a second. */
function countLines(first: number, samples: readonly Sample[]): Measurement[] {
  const all = samples.map(({ statements }) => statements.length);
  const own = samples.map(
    ({ statements }) => statements.filter((statement) => !isTransactionControl(statement)).length,
  );
  return [
    line(`statements for ${first} customers`, '', [median(own)]),
    line(`the same, including transaction control`, '', [median(all)]),
  ];
}

async function measureSmallest(connection: Connection, count: number): Promise<number[]> {
  const body = operationBody('{ __typename }');
  const times: number[] = [];
  for (let time = 0; time < count; time += 1) {
    const began = performance.now();
    await connection.post('/graphql', body);
    times.push(performance.now() - began);
  }
  return times;
}

interface Share {
  whole: number;
  sql: number;
  http: number;
}

function shareOf(samples: readonly Sample[], smallestTimes: readonly number[]): Share {
  return {
    whole: mean(samples.map(({ ms }) => ms)),
    sql: mean(
      samples.map(({ statements }) => statements.reduce((sum, statement) => sum + statement.ms, 0)),
    ),
    http: mean(smallestTimes),
  };
}

function shareLines(shares: readonly Share[]): Measurement[] {
  const percent = (part: (share: Share) => number) =>
    shares.map((share) => (100 * part(share)) / share.whole);
  return [
    line(
      'one page through the counting proxy',
      'ms',
      shares.map(({ whole }) => whole),
    ),
    line(
      'share of SQL',
      '%',
      percent(({ sql }) => sql),
    ),
    line(
      'share of GraphQL and Prisma',
      '%',
      percent(({ whole, sql, http }) => whole - sql - http),
    ),
    line(
      'share of HTTP',
      '%',
      percent(({ http }) => http),
    ),
  ];
}
