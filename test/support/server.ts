import { afterAll, beforeAll, inject } from 'vitest';
import { createKey } from '../../src/access/keys.ts';
import type { Scope } from '../../src/access/principal.ts';
import type { Workspace } from '../../src/access/workspaces.ts';
import { provisionWorkspace } from '../../src/domains/lifecycles/provision-workspace.ts';
import { domains } from '../../src/domains.ts';
import type { Domain } from '../../src/entrypoints/server/domain.ts';
import {
  type RunningServer,
  type ServerOptions,
  startServer,
} from '../../src/entrypoints/server/start-server.ts';
import { loadConfig } from '../../src/platform/config.ts';
import type { Database } from '../../src/platform/database.ts';
import { openDatabases } from '../../src/platform/databases.ts';
import { createLifetime } from '../../src/platform/lifetime.ts';
import { createLog } from '../../src/platform/log.ts';
import { prepareDatabase } from '../../src/platform/prepare-database.ts';
import { cloneDatabase } from './databases.ts';

export interface TestServer extends RunningServer {
  database: Database;
  /** The superuser's URL of the database of the test file. */
  databaseUrl: string;
  /** The current time of the server: the machine's clock unless a test sets it. */
  clock: { now: Date | undefined };
}

export const adminKey = 'an-admin-key-of-thirty-two-characters-or-more';

/** Starts one server with its own database for the whole file, on a real port. */
export function useServer(
  change: Partial<ServerOptions['config']> = {},
  listed: readonly Domain[] = domains,
): TestServer {
  const lifetime = createLifetime();
  // Filled in before the first test runs.
  const test = { clock: { now: undefined } } as unknown as TestServer;
  beforeAll(async () => {
    const clone = await cloneDatabase(inject('postgresUrl'), inject('templateDatabase'));
    lifetime.onEnd(clone.drop);
    const databases = openDatabases(await prepareDatabase(clone.url), 16);
    lifetime.onEnd(databases.end);
    const database = databases.jobs;
    const first = await provisionWorkspace(database, { name: 'Main' });
    const server = await startServer({
      domains: listed,
      config: { ...loadConfig({}), port: 0, ...change },
      databases,
      log: createLog(process.env['STAGELINE_LOG_LEVEL'] ?? 'fatal'),
      now: () => test.clock.now ?? new Date(),
      lifetime,
      adminKey: { key: adminKey, workspaceId: first.id },
    });
    Object.assign(test, server, { database, databaseUrl: clone.url });
  });
  afterAll(() => lifetime.end());
  return test;
}

export interface TestWorkspace extends Workspace {
  key: string;
  /** Sends calls as one batch; returns status and body. */
  send(calls: object[], key?: string): Promise<TestResponse>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<TestResponse>;
  /** Runs a GraphQL operation and returns its data; throws the errors. */
  query<Data = Record<string, unknown>>(text: string, variables?: object): Promise<Data>;
  /** Runs a GraphQL operation and returns the response, errors included. */
  graphql(text: string, variables?: object, key?: string): Promise<TestResponse>;
}

export interface TestResponse {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire is the test's to judge
  body: any;
}

let made = 0;

/** Creates a workspace and a key with all scopes except admin. */
export async function newWorkspace(
  server: TestServer,
  request: Partial<Workspace> & { scopes?: Scope[] } = {},
): Promise<TestWorkspace> {
  const { scopes = ['ingest', 'read', 'write'], name = `Test ${++made}`, ...settings } = request;
  const workspace = await provisionWorkspace(server.database, { name, ...settings });
  const { key } = await createKey(server.database, workspace.id, { name: 'test', scopes });

  async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
  }

  const graphql = (query: string, variables: object = {}, other = key) =>
    post('/graphql', { query, variables }, { authorization: `Bearer ${other}` });

  return {
    ...workspace,
    key,
    post,
    graphql,
    send: (calls, other = key) =>
      post('/v1/batch', { batch: calls }, { authorization: `Bearer ${other}` }),
    async query<Data>(text: string, variables: object = {}) {
      const { body } = await graphql(text, variables);
      if (body.errors) throw new Error(JSON.stringify(body.errors));
      return body.data as Data;
    },
  };
}
