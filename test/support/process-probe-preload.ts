import { renameSync, writeFileSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { queryObjects } from 'node:v8';

/** Preloaded into a server by process-probe.ts: on SIGUSR2 it writes its memory usage to `PROBE_FILE`. */
export interface Measure {
  timers: number;
  /** Reachable objects. A response is reachable from every object of its request. */
  responses: number;
  abortControllers: number;
  sockets: number;
}

const count = (kind: Parameters<typeof queryObjects>[0]) =>
  // Collects garbage first.
  queryObjects(kind, { format: 'count' });

const measure = (): Measure => ({
  responses: count(ServerResponse),
  abortControllers: count(AbortController),
  sockets: count(Socket),
  timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
});

process.on('SIGUSR2', () => {
  const file = process.env['PROBE_FILE'] ?? '';
  writeFileSync(`${file}.new`, JSON.stringify(measure()));
  renameSync(`${file}.new`, file);
});
