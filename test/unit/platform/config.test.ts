import { expect, it } from 'vitest';
import { InvalidConfig, loadConfig } from '../../../src/platform/config.ts';
import { defaultPlaceholderIds } from '../../../src/platform/placeholder-ids.ts';

it('has a default for every setting', () => {
  expect(loadConfig({})).toEqual({
    port: 4000,
    metricsPort: undefined,
    host: '127.0.0.1',
    dataFolder: '.data',
    databaseUrl: undefined,
    adminKey: undefined,
    demo: true,
    logLevel: 'warn',
    eventBytes: 32_768,
    placeholderIds: defaultPlaceholderIds,
    batchBytes: 512_000,
    backlogEvents: 20_000,
    replayDays: 30,
    poolSize: 16,
    limits: {
      keyRequests: 5_000,
      workspaceRequests: 10_000,
      keyCost: 200_000,
      workspaceCost: 400_000,
      keyOperations: 5_000,
      keySockets: 25_000,
      keySubscriptions: 50_000,
      socketOperations: 50,
      unknownKeys: 20,
    },
    maxSegments: 300,
    maxLifecycles: 20,
    graphiql: true,
    introspection: true,
    origins: undefined,
    outgoingBytes: 67_108_864,
    maxSockets: expect.any(Number),
  });
});

it('derives the maximum of sockets from the heap size limit', () => {
  expect(loadConfig({}).maxSockets).toBeGreaterThan(1_000);
  expect(loadConfig({ STAGELINE_MAX_SOCKETS: '7' }).maxSockets).toBe(7);
});

it('reads every variable', () => {
  const config = loadConfig({
    PORT: '0',
    DATABASE_URL: 'postgresql://user@db.example.com/stageline',
    STAGELINE_ADMIN_KEY: 'k'.repeat(32),
    STAGELINE_DEMO: 'off',
    STAGELINE_REPLAY_DAYS: '0.5',
    STAGELINE_PLACEHOLDER_IDS: 'nobody, Walk-in',
    UNRELATED: 'x',
  });

  expect(config).toMatchObject({
    port: 0,
    databaseUrl: 'postgresql://user@db.example.com/stageline',
    adminKey: 'k'.repeat(32),
    demo: false,
    replayDays: 0.5,
    placeholderIds: ['nobody', 'Walk-in'],
  });
});

it.each([
  ['PORT', '65536'],
  ['PORT', '4000.5'],
  ['PORT', 'http'],
  ['STAGELINE_METRICS_PORT', '0'],
  ['DATABASE_URL', 'mysql://db'],
  ['DATABASE_URL', 'db.example.com'],
  ['STAGELINE_ADMIN_KEY', 'k'.repeat(31)],
  ['STAGELINE_DEMO', 'yes'],
  ['STAGELINE_ORIGINS', 'app.example.com'],
  ['STAGELINE_LOG_LEVEL', 'loud'],
  ['STAGELINE_EVENT_BYTES', '1023'],
  ['STAGELINE_BATCH_BYTES', 'many'],
  ['STAGELINE_BACKLOG_EVENTS', '0'],
  ['STAGELINE_REPLAY_DAYS', '-1'],
  ['STAGELINE_POOL', '3'],
])('refuses %s=%s and names the variable', (name, value) => {
  expect(() => loadConfig({ [name]: value })).toThrow(`${name}: `);
});

it('lists every problem without revealing a secret', () => {
  const load = () => loadConfig({ PORT: '-1', STAGELINE_ADMIN_KEY: 'secret', STAGELINE_POOL: '1' });

  expect(load).toThrow(InvalidConfig);
  expect(load).toThrow(
    /PORT: .*; STAGELINE_ADMIN_KEY: use at least 32 characters; STAGELINE_POOL: /,
  );
  expect(load).not.toThrow(/: secret|"secret"/);
});

it('treats an empty variable as absent', () => {
  expect(loadConfig({ PORT: '', STAGELINE_HOST: '', DATABASE_URL: '' })).toEqual(loadConfig({}));
});
