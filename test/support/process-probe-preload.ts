import { renameSync, writeFileSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { queryObjects } from 'node:v8';

/** Loaded before a server by process-probe.ts: on SIGUSR2 it writes what the process holds to `PROBE_FILE`. */
export interface Measure {
  timers: number;
  /** Objects that are still reachable. A response is held by everything that belongs to its request. */
  responses: number;
  abortControllers: number;
  sockets: number;
}

const count = (kind: Parameters<typeof queryObjects>[0]) =>
  // It collects garbage first.
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
