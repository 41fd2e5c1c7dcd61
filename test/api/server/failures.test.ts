import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createKey } from '../../../src/access/keys.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { asAdmin } from '../../support/databases.ts';
import { waitUntil } from '../../support/embedded-owners.ts';
import {
  type Request,
  type RequestOutcome,
  requests,
  sendEveryRequest,
} from '../../support/every-request.ts';
import { connectSocket, type RawSocket, request } from '../../support/raw-socket.ts';
import { type SecondServer, startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const server = useServer();

interface Stage {
  /** The names of the server's own database and login. */
  database: string;
  login: string;
  proxy: TcpProxy;
  /** Runs SQL as superuser, outside the server's database. */
  sql(text: string): Promise<unknown>;
  /** Runs SQL as superuser, inside the server's database. */
  inside(text: string): Promise<unknown>;
}

interface Cause {
  begin(stage: Stage): Promise<unknown> | unknown;
  end(stage: Stage): Promise<unknown> | unknown;
  /** The requests that still succeed. */
  works?: readonly Request[];
  /** The connections are not affected. */
  inStatement?: true;
}

const fail = (state: string) => `
  create function fail() returns trigger language plpgsql as $$
    begin raise exception 'as the test wants it' using errcode = '${state}'; end $$;
  create trigger fail before insert on event for each statement execute function fail();
  create trigger fail before insert on team for each statement execute function fail();`;
const heal = 'drop function if exists fail cascade';
const reads = ['query', 'sse', 'subscribe', 'connect'] as const;

/** Makes a writing statement fail with the SQLSTATE in a real transaction. */
const whenWriting = (state: string): Cause => ({
  begin: ({ inside }) => inside(fail(state)),
  end: ({ inside }) => inside(heal),
  works: [...reads, 'ready'],
  inStatement: true,
});

/** Causes of an unavailable database. */
const outages: Record<string, Cause> = {
  'the port refuses connections (ECONNREFUSED)': {
    begin: ({ proxy }) => proxy.refuse(),
    end: ({ proxy }) => proxy.heal(),
  },
  'it allows no connections (55000)': {
    begin: ({ sql, database }) => sql(`alter database ${database} allow_connections false`),
    end: ({ sql, database }) => sql(`alter database ${database} allow_connections true`),
  },
  'the role may not log in (28000)': {
    begin: ({ sql, login }) => sql(`alter role ${login} nologin`),
    end: ({ sql, login }) => sql(`alter role ${login} login`),
  },
  'the role may not connect (42501)': {
    begin: ({ sql, database, login }) =>
      sql(`revoke connect on database ${database} from public, ${login}`),
    end: ({ sql, database, login }) => sql(`grant connect on database ${database} to ${login}`),
  },
  'the role has all its connections (53300)': {
    begin: ({ sql, login }) => sql(`alter role ${login} connection limit 0`),
    end: ({ sql, login }) => sql(`alter role ${login} connection limit -1`),
  },
  'it is gone under its name (3D000)': {
    begin: ({ sql, database }) =>
      sql(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}';
        alter database ${database} rename to ${database}_away`),
    end: ({ sql, database }) => sql(`alter database ${database}_away rename to ${database}`),
  },
  'it only reads (25006)': {
    begin: ({ sql, database }) =>
      sql(`alter database ${database} set default_transaction_read_only = on`),
    end: ({ sql, database }) =>
      sql(`alter database ${database} reset default_transaction_read_only`),
    works: reads,
  },
  'its disk is full (53100)': {
    begin: ({ inside }) =>
      inside(`${fail('53100')};
        create function fail_allocation() returns event_trigger language plpgsql as $$
          begin raise exception 'as the test wants it' using errcode = '53100'; end $$;
        create event trigger fail_allocation on ddl_command_start
          when tag in ('CREATE TABLE AS') execute function fail_allocation();`),
    end: ({ inside }) => inside(`drop event trigger fail_allocation; ${heal}`),
    works: reads,
    inStatement: true,
  },
  'it has no memory left (53200)': whenWriting('53200'),
  'a lock is not to be had (55P03)': whenWriting('55P03'),
  'a transaction gives way to another (40P01)': whenWriting('40P01'),
  'it shuts down (57P01)': whenWriting('57P01'),
  'it loses the connection (08006)': whenWriting('08006'),
  'it cannot read a file (58030)': whenWriting('58030'),
};

let stage: Stage;
let second: SecondServer;
let workspace: TestWorkspace;
let socket: RawSocket;
let cursor: string;
/** Not presented before the outage, because keys are cached for a second. */
let freshKey: string;

beforeEach(async () => {
  const url = new URL(await prepareDatabase(server.databaseUrl));
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
  url.port = String(proxy.port);
  url.hostname = '127.0.0.1';
  stage = {
    database: url.pathname.slice(1),
    login: url.username,
    proxy,
    sql: (text) => asAdmin(inject('postgresUrl'), text),
    inside: (text) => asAdmin(server.databaseUrl, text),
  };
  second = await startSecondServer(server, { url: url.href });
  workspace = await newWorkspace(second);
  ({ cursor } = (
    await workspace.query<{ workspace: { cursor: string } }>('{ workspace { cursor } }')
  ).workspace);
  await workspace.send([{ type: 'page', userId: 'first' }]);
  const { key } = await createKey(second.database, workspace.id, { name: 'k', scopes: ['read'] });
  freshKey = key;
  socket = await connectSocket(second.url, workspace.key);
});

afterEach(async () => {
  socket.close();
  await second.end();
  await stage.proxy.close();
});

const dropConnections = ({ sql, database }: Stage) =>
  sql(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname like '${database}%' and pid <> pg_backend_pid()`);

const sendAll = (key?: string) =>
  sendEveryRequest(second.url, {
    key: key ?? workspace.key,
    freshKey: key ?? freshKey,
    socket,
    cursor,
  });

const works: Record<Request, RequestOutcome> = {
  query: { status: 200 },
  mutation: { status: 200 },
  track: { status: 200 },
  sse: { status: 200 },
  subscribe: {},
  connect: {},
  ready: { status: 200 },
};

const http = { status: 503, code: 'STORAGE_UNAVAILABLE', retryAfter: '1' };
const unavailable: Record<Request, RequestOutcome> = {
  query: http,
  mutation: http,
  track: http,
  sse: http,
  subscribe: { code: 'STORAGE_UNAVAILABLE' },
  connect: { code: 1013 },
  ready: http,
};

describe('every transport reports an unavailable database when', () => {
  it.each(Object.entries(outages))('%s', async (_name, cause) => {
    const expected = Object.fromEntries(
      requests.map((name) => [name, (cause.works?.includes(name) ? works : unavailable)[name]]),
    );
    await cause.begin(stage);
    if (!cause.inStatement) {
      await dropConnections(stage);
      await waitUntil(async () => (await fetch(`${second.url}/ready`)).status === 503);
    }

    const outcomes = await sendAll().finally(() => cause.end(stage));

    expect(outcomes).toEqual(expected);
    const levels = second.logged.map(({ level, msg }) => [level, msg]);
    expect(levels.filter(([, msg]) => msg === 'Refusing requests')).toEqual([
      [40, 'Refusing requests'],
    ]);
    expect(levels.filter(([level]) => Number(level) > 40)).toEqual([]);
    // No session from the outage is still in use.
    await waitUntil(async () => (await fetch(`${second.url}/ready`)).status === 200);
    expect(await sendAll()).toEqual(works);
  });
});

describe('a request is refused on every transport', () => {
  const unauthenticated = { status: 401, code: 'UNAUTHENTICATED' };
  const forbidden = { status: 403, code: 'FORBIDDEN' };

  it('without a valid key', async () => {
    const outcomes = await sendAll('stl_live_nobody');

    expect(outcomes).toEqual({
      ...works,
      query: unauthenticated,
      mutation: unauthenticated,
      track: unauthenticated,
      sse: unauthenticated,
      connect: { code: 4403 },
    });
    expect(second.logged).toEqual([]);
  });

  it('without the scope', async () => {
    const { key } = await createKey(second.database, workspace.id, { name: 'k', scopes: [] });
    const own = await connectSocket(second.url, key);

    const outcomes = await sendEveryRequest(second.url, {
      key,
      freshKey: key,
      socket: own,
      cursor,
    });

    expect(outcomes).toEqual({
      ...works,
      query: forbidden,
      mutation: forbidden,
      track: forbidden,
      sse: forbidden,
      subscribe: { code: 'FORBIDDEN' },
    });
    expect(second.logged).toEqual([]);
    own.close();
  });

  it('as too slow, when the time limit is exceeded before the database responds', async () => {
    const blocker = new pg.Client({ connectionString: server.databaseUrl });
    await blocker.connect();
    await blocker.query('begin; lock table customer in access exclusive mode');
    const slow = { query: '{ customers { totalCount } }' };

    const [http, live] = await Promise.all([
      workspace.post('/graphql', slow),
      request(socket, slow),
    ]).finally(() => blocker.end());

    expect([http.status, http.body.errors[0].extensions.code]).toEqual([422, 'QUERY_TOO_SLOW']);
    expect(JSON.stringify(live.answer)).toContain('"code":"QUERY_TOO_SLOW"');
    expect(second.logged).toEqual([]);
  });

  it('because of a bug, which is logged once per request', async () => {
    await stage.inside(fail('22012'));

    const outcomes = await sendAll().finally(() => stage.inside(heal));

    const bug = { status: 500, code: 'INTERNAL' };
    expect(outcomes).toEqual({
      ...works,
      mutation: bug,
      track: bug,
    });
    expect(second.logged.map(({ level }) => level)).toEqual([50, 50]);
  });
});
