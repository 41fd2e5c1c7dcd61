import { createChurn } from './domains/churn/create-churn.ts';
import { createComputing } from './domains/churn/create-computing.ts';
import { churnExtension } from './domains/churn/extension.ts';
import { createLifecycles } from './domains/lifecycles/create-lifecycles.ts';
import { lifecyclesExtension } from './domains/lifecycles/extension.ts';
import { recordsExtension } from './domains/records/extension.ts';
import { createSegments } from './domains/segments/create-segments.ts';
import { segmentsExtension } from './domains/segments/extension.ts';
import { createTasks } from './domains/tasks/create-tasks.ts';
import { tasksExtension } from './domains/tasks/extension.ts';
import type { Domain } from './entrypoints/server/domain.ts';

/** The one list of domains, in their order: later ones may use earlier ones. */
export const domains: readonly Domain[] = [
  { extension: recordsExtension, loadSchema: () => import('../schema/records/index.ts') },
  {
    extension: lifecyclesExtension,
    loadSchema: () => import('../schema/lifecycles/index.ts'),
    start: ({ databases, config }) => ({
      services: { lifecycles: createLifecycles(databases.operations, config) },
    }),
  },
  {
    extension: segmentsExtension,
    loadSchema: () => import('../schema/segments/index.ts'),
    start: ({ databases, config }) => ({
      services: { segments: createSegments(databases.operations, config) },
    }),
  },
  {
    extension: tasksExtension,
    loadSchema: () => import('../schema/tasks/index.ts'),
    start: ({ databases }) => ({ services: { tasks: createTasks(databases.operations) } }),
  },
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
        services: { churn: createChurn(databases.operations, computing) },
        runInThread: (step, signal) =>
          computing.computeInBackground({ ...step, kind: 'JOB_STEP' }, signal),
      };
    },
  },
];
