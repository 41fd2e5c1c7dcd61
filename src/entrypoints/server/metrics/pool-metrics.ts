import type { Registry } from 'prom-client';
import type { Databases } from '../../../platform/databases.ts';
import { createLabelledGauge } from './metric.ts';

const pools = ['ingest', 'operations', 'live', 'jobs'] as const;
const gauges = [
  ['open', 'stageline_pool_connections', 'Open database connections, idle ones included.'],
  ['idle', 'stageline_pool_idle_connections', 'Open database connections that are not in use.'],
  ['waiting', 'stageline_pool_waiting', 'Transactions that wait for a database connection.'],
] as const;

/** Reads the use of each connection pool. */
export function createPoolMetrics(registry: Registry, databases: Databases): void {
  for (const [use, name, help] of gauges) {
    createLabelledGauge({
      registry,
      name,
      help,
      label: 'pool',
      values: pools,
      read: (pool) => databases[pool].poolUse()[use],
    });
  }
}
