import type { Registry } from 'prom-client';
import type { ReportFailure } from '../../platform/failures.ts';
import type { Lifetime } from '../../platform/lifetime.ts';
import { createHttpServer } from './http-server.ts';
import { listenOn } from './listen-on.ts';
import { sendMetrics } from './metrics-page.ts';
import { sendJson } from './respond.ts';

const maxSockets = 16;
const maxOutgoingBytes = 16 * 1024 * 1024;
const drainMs = 1_000;

const unknownPath = {
  success: false,
  code: 'NOT_FOUND',
  message: 'Unknown path. This port serves /metrics.',
};

/** Serves the metrics without a key, on a port of their own. Returns the URL of the page. */
export async function serveMetricsPort(options: {
  host: string;
  port: number;
  registry: Registry;
  report: ReportFailure;
  lifetime: Lifetime;
}): Promise<string> {
  const { host, port, registry, report, lifetime } = options;
  const http = createHttpServer({
    route: (request, response, path) =>
      path === '/metrics'
        ? sendMetrics(registry, request, response)
        : sendJson(response, 404, unknownPath),
    report,
    maxSockets,
    maxOutgoingBytes,
  });
  const url = await listenOn(http.server, { host, port, setting: 'STAGELINE_METRICS_PORT' });
  lifetime.onEnd(async () => {
    http.drain.begin();
    await http.drain.end(drainMs);
    http.outgoing.stop();
  });
  return `${url}/metrics`;
}
