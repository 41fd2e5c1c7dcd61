import { z } from 'zod';
import { minConnections } from './databases.ts';

const bytes = z.coerce.number().int().min(1024);

const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  STAGELINE_HOST: z.string().min(1).default('127.0.0.1'),
  STAGELINE_DATA: z.string().min(1).default('.data'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  STAGELINE_ADMIN_KEY: z.string().min(32, 'use at least 32 characters').optional(),
  STAGELINE_DEMO: z.enum(['on', 'off']).default('on'),
  STAGELINE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('warn'),
  STAGELINE_EVENT_BYTES: bytes.default(32_768),
  STAGELINE_BATCH_BYTES: bytes.default(512_000),
  STAGELINE_BACKLOG_EVENTS: z.coerce.number().int().min(1).default(20_000),
  STAGELINE_REPLAY_DAYS: z.coerce.number().min(0).default(30),
  STAGELINE_POOL: z.coerce.number().int().min(minConnections).max(200).default(16),
});

/** Everything that can be set from outside; read once and handed down. */
export interface Config {
  port: number;
  host: string;
  dataFolder: string;
  /** Undefined means the embedded PostgreSQL. */
  databaseUrl: string | undefined;
  adminKey: string | undefined;
  demo: boolean;
  logLevel: string;
  eventBytes: number;
  batchBytes: number;
  backlogEvents: number;
  replayDays: number;
  poolSize: number;
}

/** The environment asks for something that cannot be; the message lists every problem at once. */
export class InvalidConfig extends Error {
  readonly code = 'INVALID_CONFIG';
}

/** The only reader of the environment. @throws InvalidConfig */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  // A variable set to nothing is meant to be absent, and would otherwise count as 0.
  const given = Object.entries(environment).filter(([, value]) => value !== '');
  const parsed = Environment.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    throw new InvalidConfig(`The configuration is not usable. ${problems.join('; ')}`);
  }
  const set = parsed.data;
  return {
    port: set.PORT,
    host: set.STAGELINE_HOST,
    dataFolder: set.STAGELINE_DATA,
    databaseUrl: set.DATABASE_URL,
    adminKey: set.STAGELINE_ADMIN_KEY,
    demo: set.STAGELINE_DEMO === 'on',
    logLevel: set.STAGELINE_LOG_LEVEL,
    eventBytes: set.STAGELINE_EVENT_BYTES,
    batchBytes: set.STAGELINE_BATCH_BYTES,
    backlogEvents: set.STAGELINE_BACKLOG_EVENTS,
    replayDays: set.STAGELINE_REPLAY_DAYS,
    poolSize: set.STAGELINE_POOL,
  };
}
