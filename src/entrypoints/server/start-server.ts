import type { IncomingMessage, ServerResponse } from 'node:http';
import { buildSchema } from '../../../schema/index.ts';
import type { Services } from '../../../schema/kernel/context.ts';
import { toGraphQLError } from '../../../schema/kernel/errors.ts';
import { createAuthenticator } from '../../access/authenticate.ts';
import { createConnections } from '../../access/connections.ts';
import { createLimits } from '../../access/limits.ts';
import { buildJob } from '../../engine/builds/build-job.ts';
import { createFollowedLogs } from '../../engine/changes/followed-logs.ts';
import { createCustomerCounter } from '../../engine/customers/count-customers.ts';
import { createDueRound } from '../../engine/evaluation/due-round.ts';
import { installedExtensions } from '../../engine/extensions.ts';
import { createIngest, type Ingest } from '../../engine/ingestion/ingest.ts';
import { createRecordsJob } from '../../engine/ingestion/records-job.ts';
import { createRejectedEvents } from '../../engine/ingestion/rejected-events.ts';
import { rejectedEventsJob } from '../../engine/ingestion/store-rejected-events.ts';
import type { Config } from '../../platform/config.ts';
import type { Databases } from '../../platform/databases.ts';
import { createFailureReport } from '../../platform/failures.ts';
import { createJobRunner } from '../../platform/jobs/create-job-runner.ts';
import type { Lifetime } from '../../platform/lifetime.ts';
import type { Log } from '../../platform/log.ts';
import { createPlaceholderIds } from '../../platform/placeholder-ids.ts';
import { createRound, startRounds } from '../../platform/rounds.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { createContextFactory } from './create-context.ts';
import type { Domain } from './domain.ts';
import { createEngineServices } from './engine-services.ts';
import { createGraphQL } from './graphql.ts';
import { createReadiness, sendHealth } from './health.ts';
import { createHttpServer } from './http-server.ts';
import { createIngestGap } from './ingest-gap.ts';
import { listenOn } from './listen-on.ts';
import { createLiveHub } from './live/live-hub.ts';
import { createLiveMetrics } from './live/live-metrics.ts';
import { createSharedSnapshots } from './live/shared-snapshots.ts';
import { createServerMetrics } from './metrics/server-metrics.ts';
import { requireOperator, sendMetrics } from './metrics-page.ts';
import { serveMetricsPort } from './metrics-port.ts';
import { createOrigins, originNotAllowed } from './origins.ts';
import { sendJson } from './respond.ts';
import { sendResponse } from './send-response.ts';
import { isStreamRequest, serveEventStreams } from './serve-event-streams.ts';
import { createGraphiQL, isPageRequest } from './serve-graphiql.ts';
import { createStartQueue } from './start-queue.ts';
import { createTrackingRoutes } from './tracking-routes.ts';
import { warmUp } from './warm-up.ts';
import { watchDatabase } from './watch-database.ts';
import { serveWebSockets } from './websocket.ts';

const unknownPath = {
  success: false,
  code: 'NOT_FOUND',
  message: 'Unknown path. Send GraphQL operations to /graphql and tracking calls to /v1/…',
};

/** The time for pending requests to finish at shutdown. */
const drainMs = 6_000;

export interface ServerOptions {
  domains: readonly Domain[];
  config: Pick<
    Config,
    | 'host'
    | 'port'
    | 'metricsPort'
    | 'eventBytes'
    | 'placeholderIds'
    | 'batchBytes'
    | 'backlogEvents'
    | 'replayDays'
    | 'limits'
    | 'maxSegments'
    | 'maxLifecycles'
    | 'outgoingBytes'
    | 'maxSockets'
    | 'graphiql'
    | 'introspection'
    | 'origins'
  > & {
    /** How long a client may accept nothing that is sent to it. Default: 22 s. */
    maxStallMs?: number;
  };
  databases: Databases;
  log: Log;
  now: Clock;
  lifetime: Lifetime;
  adminKey: { key: string; workspaceId: string } | undefined;
}

export interface RunningServer {
  url: string;
  /** The page of STAGELINE_METRICS_PORT. */
  metricsUrl: string | undefined;
  /** For code inside the server; the tracking routes use the same. */
  ingest: Ingest;
  /** Runs one operation before the first client does. */
  warmUp(workspaceId: string): Promise<void>;
}

/**
 * Serves everything on one port, and the metrics on a second one if configured. The lifetime ends streams first, then
 * waits for pending requests.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { domains, config, databases, log, now, lifetime, adminKey } = options;
  const { jobs, operations } = databases;
  const metrics = createServerMetrics();
  const limits = createLimits(config.limits);
  const authenticator = createAuthenticator({ database: jobs, adminKey, limits });
  const connections = createConnections(jobs);
  const readiness = createReadiness({
    database: jobs,
    report: createFailureReport(log),
    isDraining: () => http.drain.isDraining(),
  });
  const { report } = readiness;
  const toClientError = (error: unknown) => toGraphQLError(error, report);
  const logs = createFollowedLogs({ database: databases.live, log });
  const rejected = createRejectedEvents({ database: jobs, log });
  const placeholderIds = createPlaceholderIds(config.placeholderIds);
  const ingest = createIngest({
    database: databases.ingest,
    maxEventBytes: config.eventBytes,
    placeholderIds,
    maxBacklog: config.backlogEvents,
    rejected,
    observer: metrics.ingest,
  });
  lifetime.onEnd(metrics.measure({ ingest, limits, databases }));
  lifetime.onEnd(() => ingest.idle());
  const started = domains.map((domain) => domain.start?.(options) ?? {});
  const runner = createJobRunner({
    database: jobs,
    kinds: [
      buildJob,
      rejectedEventsJob,
      createRecordsJob(placeholderIds),
      ...installedExtensions().flatMap(({ jobs: kinds = [] }) => kinds),
    ],
    log,
    now,
    runInThread: started.find(({ runInThread }) => runInThread)?.runInThread ?? withoutThreads,
  });
  const rounds = startRounds([
    createRound(createDueRound(jobs, now, metrics.due), log),
    createRound(runner.round, log),
  ]);
  lifetime.onEnd(rounds.stop);
  lifetime.onEnd(runner.stop);

  const engineServices = createEngineServices({ database: operations, ingest, config, now });
  // The schema of a domain that is not listed is not loaded, so that nothing calls its services.
  const services: Services = Object.assign(
    {},
    engineServices,
    ...started.map((domain) => domain.services),
  );
  const contexts = createContextFactory({ databases, services, connections, now });
  const hub = createLiveHub({
    logs,
    snapshots: createSharedSnapshots(contexts.forDeliveries),
    toClientError,
  });
  const waitForGap = createIngestGap(() => ingest.backlog() > 0);
  const admission = { waitForGap, limits, countCustomers: createCustomerCounter(operations) };
  const graphql = createGraphQL({
    schema: await buildSchema(domains.map(({ loadSchema }) => loadSchema)),
    authenticator,
    createContext: contexts.forOperation,
    hub,
    starts: createSharedSnapshots(contexts.forStarts, { gatherMs: 20 }),
    admission,
    toClientError,
    introspection: config.introspection,
    origins: config.origins,
    observe: metrics.operations,
  });
  const origins = createOrigins(config.origins);
  const startQueue = createStartQueue(waitForGap);
  const sendPage = createGraphiQL({ isEnabled: config.graphiql });
  const track = createTrackingRoutes({
    authenticator,
    limits,
    ingest,
    now,
    report,
    maxEventBytes: config.eventBytes,
    maxBatchBytes: config.batchBytes,
    metrics: metrics.tracking,
  });

  async function route(request: IncomingMessage, response: ServerResponse, path: string) {
    if (path.startsWith('/v1/')) return track(request, response, path);
    if (path === '/health') return sendHealth(response);
    if (path === '/ready') return readiness.send(response);
    if (path === '/metrics') {
      await requireOperator({ authenticator, limits }, request);
      return sendMetrics(metrics.registry, request, response);
    }
    if (path === '/') return void response.writeHead(302, { location: '/graphql' }).end();
    if (path !== '/graphql') return sendJson(response, 404, unknownPath);
    if (!origins.isAllowed(request)) {
      return sendJson(response, 403, { success: false, ...originNotAllowed });
    }
    if (isPageRequest(request)) return sendPage(request, response);
    if (isStreamRequest(request)) return streams.respond(request, response);
    const key = request.headers.authorization ?? request.socket.remoteAddress ?? '';
    await startQueue.waitForTurn(key, () => response.destroyed);
    if (response.destroyed) return;
    const result = await graphql.handleNodeRequestAndResponse(request, response, { req: request });
    await sendResponse(result, response);
  }
  const streams = serveEventStreams({
    origins,
    graphql,
    authenticator,
    connections,
    limits,
    startQueue,
    report,
    toClientError,
    observe: metrics.operations,
  });
  const { maxSockets, outgoingBytes: maxOutgoingBytes, maxStallMs } = config;
  const http = createHttpServer({ route, report, maxSockets, maxOutgoingBytes, maxStallMs });
  const observeFrame = createLiveMetrics(metrics.registry, {
    ...hub,
    waitingBytes: http.outgoing.waitingBytes,
  });
  const sockets = serveWebSockets({
    observeFrame,
    origins,
    http,
    graphql,
    authenticator,
    connections,
    limits,
    startQueue,
    report,
    toClientError,
    observe: metrics.operations,
  });

  const watch = watchDatabase({ database: jobs, log, logs, authenticator, connections });
  lifetime.onEnd(watch.stop);
  const { host, port, metricsPort } = config;
  const metricsUrl =
    metricsPort === undefined
      ? undefined
      : await serveMetricsPort({
          host,
          port: metricsPort,
          registry: metrics.registry,
          report,
          lifetime,
        });
  const url = await listenOn(http.server, { host, port, setting: 'PORT' });
  lifetime.onEnd(async () => {
    http.drain.begin();
    // Sockets and event streams first: their clients reconnect instead of receiving an error for each operation.
    const closed = sockets.close();
    streams.close();
    contexts.endStreams();
    await Promise.all([closed, http.drain.end(drainMs)]);
    http.outgoing.stop();
  });
  return {
    url,
    metricsUrl,
    ingest,
    warmUp: (workspaceId) => warmUp({ graphql, toClientError }, workspaceId),
  };
}

const withoutThreads = () => Promise.reject(new Error('No domain runs jobs in threads'));
