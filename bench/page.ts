import type { Bench } from './bench.ts';
import { type Connection, operationBody, withConnections } from './connection.ts';
import { connectionsOf } from './ingest.ts';
import type { Measurement } from './report.ts';
import { type BenchServer, benchAdminKey, startBenchServer } from './server.ts';
import { mean, median, percentile } from './spread.ts';
import { type Statement, startStatementProxy } from './statement-proxy.ts';

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

/** Pages of customers with their stages and last events, one after the other through all of them. */
export async function benchPage(bench: Bench, server: BenchServer): Promise<Measurement[]> {
  bench.say(`page: walking through all customers, ${seconds} s per run`);
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
    const all = await Promise.all(connections.map((one) => walk(one, 20, until)));
    const times = all.flat();
    return { rate: (times.length / (performance.now() - began)) * 1_000, times };
  });
}

/** Page after page until the time is over; answers how long each took. */
async function walk(connection: Connection, first: number, until: number): Promise<number[]> {
  const times: number[] = [];
  let after: string | null = null;
  while (performance.now() < until) {
    const page = await askPage(connection, first, after);
    times.push(page.ms);
    after = page.next;
  }
  return times;
}

async function askPage(connection: Connection, first: number, after: string | null) {
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
 * A second server on the same database, which it reaches through a proxy that sees every statement. What
 * the smallest operation takes without the database is counted as HTTP, what passes between a statement's
 * request and its end as SQL, and what is left of a page as GraphQL (Prisma included).
 */
async function countStatements(bench: Bench, beside: BenchServer): Promise<Measurement[]> {
  const proxy = await startStatementProxy(beside.databaseUrl);
  const server = await startBenchServer({ databaseUrl: proxy.url, cpuProfile: undefined });
  try {
    return await withConnections(
      { url: server.url, key: benchAdminKey, count: 1 },
      async ([only]) => {
        if (!only) throw new Error('There is no connection');
        const ask = async (first: number, times: number) => sample(proxy, only, { first, times });
        await ask(20, 100);
        const counts: Measurement[] = [];
        for (const first of [10, 20, 100]) counts.push(...countLines(first, await ask(first, 20)));
        const shares: Share[] = [];
        for (let run = 0; run < bench.runs; run += 1) {
          shares.push(shareOf(await ask(20, 200), await smallest(only, 200)));
        }
        return [...counts, ...shareLines(shares)];
      },
    );
  } finally {
    await server.stop();
    await proxy.end();
  }
}

interface Asked {
  ms: number;
  statements: Statement[];
}

async function sample(
  proxy: { take(): Statement[] },
  connection: Connection,
  { first, times }: { first: number; times: number },
): Promise<Asked[]> {
  const asked: Asked[] = [];
  let after: string | null = null;
  for (let time = 0; time < times; time += 1) {
    proxy.take();
    const page = await askPage(connection, first, after);
    // The end of the transaction may follow the answer.
    await new Promise((resolve) => setTimeout(resolve, 2));
    asked.push({ ms: page.ms, statements: proxy.take() });
    after = page.next;
  }
  return asked;
}

const isFrame = ({ text }: Statement) => /^\s*(begin|commit|rollback|set )|set_config/i.test(text);

/** The median, for once a second the server also asks for itself. */
function countLines(first: number, asked: readonly Asked[]): Measurement[] {
  const all = asked.map(({ statements }) => statements.length);
  const own = asked.map(
    ({ statements }) => statements.filter((statement) => !isFrame(statement)).length,
  );
  return [
    line(`statements for ${first} customers`, '', [median(own)]),
    line(`the same, with those around the transaction`, '', [median(all)]),
  ];
}

async function smallest(connection: Connection, times: number): Promise<number[]> {
  const body = operationBody('{ __typename }');
  const taken: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const began = performance.now();
    await connection.post('/graphql', body);
    taken.push(performance.now() - began);
  }
  return taken;
}

interface Share {
  whole: number;
  sql: number;
  http: number;
}

function shareOf(asked: readonly Asked[], smallestTimes: readonly number[]): Share {
  return {
    whole: mean(asked.map(({ ms }) => ms)),
    sql: mean(
      asked.map(({ statements }) => statements.reduce((sum, statement) => sum + statement.ms, 0)),
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
