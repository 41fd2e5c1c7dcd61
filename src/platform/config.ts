import { getHeapStatistics } from 'node:v8';
import { z } from 'zod';
import { minConnections } from './databases.ts';
import { defaultPlaceholderIds } from './placeholder-ids.ts';

const bytes = z.coerce.number().int().min(1024);

/** A limit; 0 turns it off. */
const limit = z.coerce.number().int().min(0);

const list = z.string().transform((text) => text.split(',').map((entry) => entry.trim()));

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;

const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  STAGELINE_METRICS_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  STAGELINE_HOST: z.string().min(1).default('127.0.0.1'),
  STAGELINE_DATA: z.string().min(1).default('.data'),
  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: 'use the form postgresql://user:password@host:5432/database',
    })
    .optional(),
  STAGELINE_ADMIN_KEY: z.string().min(32, 'use at least 32 characters').optional(),
  STAGELINE_DEMO: z.enum(['on', 'off']).default('on'),
  STAGELINE_GRAPHIQL: z.enum(['on', 'off']).default('on'),
  STAGELINE_ORIGINS: list
    .refine((origins) => origins.every(isOrigin), 'use origins like https://app.example.com')
    .optional(),
  STAGELINE_INTROSPECTION: z.enum(['on', 'off']).default('on'),
  STAGELINE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('warn'),
  STAGELINE_EVENT_BYTES: bytes.default(32_768),
  STAGELINE_PLACEHOLDER_IDS: list.default(defaultPlaceholderIds),
  STAGELINE_BATCH_BYTES: bytes.default(512_000),
  STAGELINE_BACKLOG_EVENTS: z.coerce.number().int().min(1).default(20_000),
  STAGELINE_REPLAY_DAYS: z.coerce.number().min(0).default(30),
  STAGELINE_KEY_REQUESTS: limit.default(5_000),
  STAGELINE_WORKSPACE_REQUESTS: limit.default(10_000),
  STAGELINE_KEY_COST: limit.default(200_000),
  STAGELINE_WORKSPACE_COST: limit.default(400_000),
  STAGELINE_KEY_OPERATIONS: limit.default(5_000),
  STAGELINE_KEY_SOCKETS: limit.default(25_000),
  STAGELINE_KEY_SUBSCRIPTIONS: limit.default(50_000),
  STAGELINE_SOCKET_OPERATIONS: limit.default(50),
  STAGELINE_UNKNOWN_KEYS: limit.default(20),
  STAGELINE_SEGMENTS: z.coerce.number().int().min(1).default(300),
  STAGELINE_LIFECYCLES: z.coerce.number().int().min(1).default(20),
  STAGELINE_OUTGOING_BYTES: z.coerce.number().int().min(1_048_576).default(67_108_864),
  STAGELINE_MAX_SOCKETS: z.coerce.number().int().min(1).optional(),
  STAGELINE_POOL: z.coerce.number().int().min(minConnections).max(200).default(16),
});

/** All settings of the environment, read once at start. */
export interface Config {
  port: number;
  /** Undefined: no port besides the main one serves the metrics. */
  metricsPort: number | undefined;
  host: string;
  dataFolder: string;
  /** Undefined: the embedded PostgreSQL. */
  databaseUrl: string | undefined;
  adminKey: string | undefined;
  demo: boolean;
  graphiql: boolean;
  introspection: boolean;
  /** The web sites whose pages may use /graphql; undefined: all. */
  origins: readonly string[] | undefined;
  logLevel: string;
  eventBytes: number;
  /** The ids that identify no customer. */
  placeholderIds: readonly string[];
  batchBytes: number;
  backlogEvents: number;
  replayDays: number;
  /** Maximum of bytes waiting to be sent, over all sockets. */
  outgoingBytes: number;
  maxSockets: number;
  poolSize: number;
  limits: LimitOptions;
  /** Per workspace. */
  maxSegments: number;
  maxLifecycles: number;
}

/** Limits per client in this process; 0 turns a limit off. */
export interface LimitOptions {
  /** Requests per second, by key and by workspace. */
  keyRequests: number;
  workspaceRequests: number;
  /** Cost of GraphQL operations per second, by key and by workspace. */
  keyCost: number;
  workspaceCost: number;
  /** Concurrent operations, sockets (WebSockets and single-connection event streams) and subscriptions of one key. */
  keyOperations: number;
  keySockets: number;
  keySubscriptions: number;
  /** Operations started per second on one WebSocket or single-connection event stream. */
  socketOperations: number;
  /** Look-ups of unknown keys per minute, by remote address. */
  unknownKeys: number;
}

/** The environment is invalid; the message lists every problem. */
export class InvalidConfig extends Error {
  readonly code = 'INVALID_CONFIG';
}

/** The only place that reads the environment. @throws InvalidConfig */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  // An empty variable counts as absent; a number would otherwise be read as 0.
  const given = Object.entries(environment).filter(([, value]) => value !== '');
  const parsed = Environment.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    throw new InvalidConfig(`Invalid configuration: ${problems.join('; ')}`);
  }
  const set = parsed.data;
  return {
    port: set.PORT,
    metricsPort: set.STAGELINE_METRICS_PORT,
    host: set.STAGELINE_HOST,
    dataFolder: set.STAGELINE_DATA,
    databaseUrl: set.DATABASE_URL,
    adminKey: set.STAGELINE_ADMIN_KEY,
    demo: set.STAGELINE_DEMO === 'on',
    graphiql: set.STAGELINE_GRAPHIQL === 'on',
    introspection: set.STAGELINE_INTROSPECTION === 'on',
    origins: set.STAGELINE_ORIGINS,
    logLevel: set.STAGELINE_LOG_LEVEL,
    eventBytes: set.STAGELINE_EVENT_BYTES,
    placeholderIds: set.STAGELINE_PLACEHOLDER_IDS,
    batchBytes: set.STAGELINE_BATCH_BYTES,
    backlogEvents: set.STAGELINE_BACKLOG_EVENTS,
    replayDays: set.STAGELINE_REPLAY_DAYS,
    outgoingBytes: set.STAGELINE_OUTGOING_BYTES,
    maxSockets: set.STAGELINE_MAX_SOCKETS ?? maxSocketsOfHeap(),
    poolSize: set.STAGELINE_POOL,
    maxSegments: set.STAGELINE_SEGMENTS,
    maxLifecycles: set.STAGELINE_LIFECYCLES,
    limits: {
      keyRequests: set.STAGELINE_KEY_REQUESTS,
      workspaceRequests: set.STAGELINE_WORKSPACE_REQUESTS,
      keyCost: set.STAGELINE_KEY_COST,
      workspaceCost: set.STAGELINE_WORKSPACE_COST,
      keyOperations: set.STAGELINE_KEY_OPERATIONS,
      keySockets: set.STAGELINE_KEY_SOCKETS,
      keySubscriptions: set.STAGELINE_KEY_SUBSCRIPTIONS,
      socketOperations: set.STAGELINE_SOCKET_OPERATIONS,
      unknownKeys: set.STAGELINE_UNKNOWN_KEYS,
    },
  };
}

/** The package.json script that npm runs this process for; undefined without npm. */
export const npmScriptName = (environment: NodeJS.ProcessEnv = process.env): string | undefined =>
  environment['npm_lifecycle_event'];

/** A WebSocket with one subscription: measured 15 KB, and more where few are delivered the same. */
const socketBytes = 20 * 1024;
/** Heap that the rest of the server needs. */
const serverBytes = 128 * 1024 * 1024;
const minSockets = 256;

/** The number of sockets that fit into the heap: about 20,800 with the 512 MB of `npm start`. */
function maxSocketsOfHeap(): number {
  const availableBytes = getHeapStatistics().heap_size_limit - serverBytes;
  return Math.max(minSockets, Math.floor(availableBytes / socketBytes));
}
