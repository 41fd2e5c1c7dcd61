import type { Registry } from 'prom-client';
import { type Limits, limitKinds } from '../../../access/limits.ts';
import { createLabelledReadCounter } from './metric.ts';

/** Reads the refusals that the limits count. */
export const createLimitMetrics = (registry: Registry, limits: Pick<Limits, 'refusals'>): void =>
  createLabelledReadCounter({
    registry,
    name: 'stageline_limit_refusals_total',
    help: 'Requests, operations, sockets and look-ups of keys that a limit refused.',
    label: 'limit',
    values: limitKinds,
    read: (kind) => limits.refusals()[kind],
  });
