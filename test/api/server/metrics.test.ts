import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createKey } from '../../../src/access/keys.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { blockTable, pollOptions } from '../../support/lock-ingestion.ts';
import { describeMetrics, differences, readMetrics } from '../../support/metrics-page.ts';
import { connectSocket, start } from '../../support/raw-socket.ts';
import { startSecondServer } from '../../support/second-server.ts';
import { createBuiltSegment } from '../../support/segments.ts';
import { adminKey, newWorkspace, type TestServer, useServer } from '../../support/server.ts';

const server = useServer({ metricsPort: 0 });
const limited = useServer({ limits: { ...loadConfig({}).limits, keySubscriptions: 1 } });

const page = (messageId: string) => ({ type: 'page', userId: 'u', messageId });
const name = '{ workspace { name } }';
const watch = 'subscription { changes { ... on Change { at } } }';

const scrape = (authorization?: string, init: RequestInit = {}) =>
  fetch(`${server.url}/metrics`, { headers: authorization ? { authorization } : {}, ...init });

/** The series that the work moves, without those that depend on time. */
async function moved(where: TestServer, work: () => Promise<unknown>) {
  const before = await readMetrics(where);
  await work();
  const all = differences(before, await readMetrics(where));
  const counts = Object.entries(all).filter(
    ([series]) => !/_seconds_(bucket|sum)|_pool_/.test(series),
  );
  return Object.fromEntries(counts);
}

describe('the metrics on the main port', () => {
  it('are for the key of the operator, as Bearer or Basic', async () => {
    const basic = Buffer.from(`${adminKey}:`).toString('base64');

    const answers = [await scrape(`Bearer ${adminKey}`), await scrape(`Basic ${basic}`)];

    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(await answer.text()).toContain(
        '# TYPE stageline_ingest_events_accepted_total counter',
      );
    }
  });

  it('are refused without a valid key', async () => {
    const answers = [await scrape(), await scrape('Bearer stl_live_wrong')];

    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ success: false, code: 'UNAUTHENTICATED' });
    }
  });

  it('are refused to a key without the scope admin', async () => {
    const { key } = await newWorkspace(server);

    const answer = await scrape(`Bearer ${key}`);

    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({
      code: 'FORBIDDEN',
      message: 'A key with the scope "admin" is required.',
    });
  });

  it('are refused to the admin key of one workspace, because they are totals of all', async () => {
    const workspace = await newWorkspace(server, { scopes: ['admin'] });

    const answer = await scrape(`Bearer ${workspace.key}`);

    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('STAGELINE_METRICS_PORT'),
    });
  });

  it('are read with GET only', async () => {
    const answer = await scrape(undefined, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}` },
    });

    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

describe('the port of the metrics', () => {
  it('serves the same metrics without a key', async () => {
    const answer = await fetch(server.metricsUrl ?? '');

    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('stageline_ingest_events_accepted_total');
  });

  it('serves nothing else', async () => {
    const answers = await Promise.all(
      ['/graphql', '/v1/track', '/'].map((path) => fetch(new URL(path, server.metricsUrl))),
    );

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  it('is closed unless it is configured', () => {
    expect(limited.metricsUrl).toBeUndefined();
  });
});

it('documents every metric with its type, labels and meaning', async () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../docs/monitoring.md'), 'utf8');
  const [, table] = /<!-- metrics -->\n(.*?)<!-- \/metrics -->/s.exec(guide) ?? [];

  expect(table).toBe(describeMetrics(await readMetrics(server)));
});

describe('the metrics count', () => {
  it('events by their result, and the evaluation of their customers', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([page('stored')]);

    const counts = await moved(server, () =>
      workspace.send([page('a'), page('b'), page('c'), page('stored'), { type: 'page' }]),
    );

    expect(counts).toEqual({
      stageline_ingest_events_accepted_total: 3,
      stageline_ingest_events_duplicate_total: 1,
      'stageline_ingest_events_rejected_total{code="INVALID_EVENT"}': 1,
      stageline_ingest_commit_seconds_count: 1,
      'stageline_evaluation_customers_total{trigger="event"}': 1,
      'stageline_evaluation_seconds_count{trigger="event"}': 1,
      'stageline_tracking_requests_total{status="207"}': 1,
      stageline_tracking_request_seconds_count: 1,
    });
  });

  it('customers that fall due, and how late they were evaluated', async () => {
    const workspace = await newWorkspace(server);
    await createBuiltSegment(workspace, 'Recent', {
      did: { event: ['Order Completed'], window: { within: 'PT1H' } },
    });
    const at = Date.now();
    const order = { type: 'track', userId: 'u', event: 'Order Completed', messageId: 'o' };
    await workspace.send([{ ...order, timestamp: new Date(at).toISOString() }]);
    const before = await readMetrics(server);
    onTestFinished(() => {
      server.clock.now = undefined;
    });

    server.clock.now = new Date(at + 3_600_000 + 20_000);

    await expect
      .poll(async () => differences(before, await readMetrics(server)), pollOptions)
      .toMatchObject({
        'stageline_evaluation_customers_total{trigger="due"}': 1,
        'stageline_evaluation_seconds_count{trigger="due"}': 1,
        stageline_scheduler_lateness_seconds_count: 1,
        stageline_scheduler_lateness_seconds_sum: expect.closeTo(20, 3),
      });
  });

  it('GraphQL operations by type and outcome', async () => {
    const workspace = await newWorkspace(server);
    const socket = await connectSocket(server.url, workspace.key);
    const run = async (query: string) => {
      await workspace.graphql(query);
      const id = start(socket, { query });
      await socket.waitFor((message) => message['id'] === id);
    };

    const counts = await moved(server, async () => {
      await run(name);
      await run('mutation { createTag(name: 1) { x } }');
      await run('{ apiKeys { id } }');
      await run('{ ');
      await run('{ ');
    });

    expect(counts).toEqual({
      'stageline_graphql_operations_total{type="query",outcome="OK"}': 2,
      'stageline_graphql_operations_total{type="mutation",outcome="GRAPHQL_VALIDATION_FAILED"}': 2,
      'stageline_graphql_operations_total{type="query",outcome="FORBIDDEN"}': 2,
      'stageline_graphql_operations_total{type="unknown",outcome="GRAPHQL_PARSE_FAILED"}': 4,
      'stageline_graphql_operation_seconds_count{type="query"}': 4,
      'stageline_graphql_operation_seconds_count{type="mutation"}': 2,
      'stageline_graphql_operation_seconds_count{type="unknown"}': 4,
    });
  });

  it('what a limit refuses', async () => {
    const workspace = await newWorkspace(limited);
    const socket = await connectSocket(limited.url, workspace.key);
    start(socket, { query: watch });

    const counts = await moved(limited, async () => {
      const refused = start(socket, { query: watch });
      await socket.waitFor(({ id, type }) => id === refused && type === 'error');
    });

    expect(counts).toMatchObject({
      'stageline_limit_refusals_total{limit="subscriptions"}': 1,
      'stageline_graphql_operations_total{type="subscription",outcome="RATE_LIMITED"}': 1,
    });
  });

  it('the connections of each pool', async () => {
    const workspace = await newWorkspace(server);
    await workspace.graphql(name);
    const held = await blockTable(server, 'task');
    const waiting = workspace.graphql('{ tasks { nodes { id } } }');
    await held.waitUntilBlocked();

    const { series } = await readMetrics(server);
    await held.release();
    await waiting;

    const open = series.get('stageline_pool_connections{pool="operations"}') ?? 0;
    expect(series.get('stageline_pool_idle_connections{pool="operations"}')).toBe(open - 1);
    expect(series.get('stageline_pool_waiting{pool="operations"}')).toBe(0);
    expect(series.get('stageline_pool_connections{pool="ingest"}')).toBeGreaterThan(0);
  });

  it('each server of a process for itself', async () => {
    const { id } = await newWorkspace(server);
    const url = await prepareDatabase(server.databaseUrl);
    const second = await startSecondServer(server, {
      url,
      adminKey: { key: adminKey, workspaceId: id },
    });
    onTestFinished(second.end);
    const other = await newWorkspace(second);
    const before = await readMetrics(server);

    const counts = await moved(second, () => other.send([page('a')]));

    expect(counts).toMatchObject({ stageline_ingest_events_accepted_total: 1 });
    expect(differences(before, await readMetrics(server))).not.toHaveProperty(
      'stageline_ingest_events_accepted_total',
    );
  });
});

it('has no series that a client named', async () => {
  const workspace = await newWorkspace(server);
  const before = await readMetrics(server);
  const hostile = 'stranger"} 1\nevil_total{x="';

  await workspace.send([
    { type: hostile, userId: 'u' },
    { type: 'track', userId: 'u', event: hostile, messageId: hostile },
    { type: 'track', userId: 'u', event: 'x', code: hostile, properties: { code: hostile } },
  ]);
  await workspace.post(`/v1/${encodeURIComponent(hostile)}`, {});
  await workspace.post('/v1/unknown', { userId: 'u' });
  await workspace.graphql('query stranger { workspace { name } }');
  await workspace.graphql('query stranger { stranger }');
  await workspace.post('/graphql', { query: 'query a { __typename }', operationName: hostile });
  await fetch(`${server.url}/v1/track`, { method: 'PATCH' });
  const after = await readMetrics(server);

  expect([...after.series.keys()]).toEqual([...before.series.keys()]);
  expect([...after.series.keys()].join()).not.toMatch(/stranger|evil/);
  expect(after.series.size).toBeLessThan(500);
});

it('counts a workspace under no name of it', async () => {
  const workspace = await newWorkspace(server, { name: 'Recognisable' });
  const { id: keyId } = await createKey(server.database, workspace.id, {
    name: 'k',
    scopes: ['ingest'],
  });
  await workspace.send([page('a')]);

  const text = await (await fetch(server.metricsUrl ?? '')).text();

  for (const part of [workspace.id, 'Recognisable', keyId]) expect(text).not.toContain(part);
});
