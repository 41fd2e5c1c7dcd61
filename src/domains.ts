import { createComputing } from './domains/churn/create-computing.ts';
import { churnExtension } from './domains/churn/extension.ts';
import { lifecyclesExtension } from './domains/lifecycles/extension.ts';
import { recordsExtension } from './domains/records/extension.ts';
import { segmentsExtension } from './domains/segments/extension.ts';
import { tasksExtension } from './domains/tasks/extension.ts';
import type { Domain } from './entrypoints/server/domain.ts';

/** The one list of domains, in their order: later ones may use earlier ones. */
export const domains: readonly Domain[] = [
  { extension: recordsExtension, loadSchema: () => import('../schema/records/index.ts') },
  {
    extension: lifecyclesExtension,
    loadSchema: () => import('../schema/lifecycles/index.ts'),
    start: ({ config: { maxLifecycles } }) => ({ services: { maxLifecycles } }),
  },
  {
    extension: segmentsExtension,
    loadSchema: () => import('../schema/segments/index.ts'),
    start: ({ config: { maxSegments } }) => ({ services: { maxSegments } }),
  },
  { extension: tasksExtension, loadSchema: () => import('../schema/tasks/index.ts') },
  {
    extension: churnExtension,
    loadSchema: () => import('../schema/churn/index.ts'),
    start({ databases, lifetime }) {
      const computing = createComputing({
        databaseUrl: databases.jobs.url,
        domainsUrl: import.meta.url,
      });
      lifetime.onEnd(computing.end);
      return {
        services: { compute: computing.compute },
        runInThread: (step, signal) =>
          computing.computeInBackground({ ...step, kind: 'JOB_STEP' }, signal),
      };
    },
  },
];
