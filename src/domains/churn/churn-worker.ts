import { workerData } from 'node:worker_threads';
import { type Extension, installExtensions } from '../../engine/extensions.ts';
import { openDatabase } from '../../platform/database.ts';
import { serveTasks } from '../../platform/serve-tasks.ts';
import { type ChurnTask, runChurnTask } from './churn-tasks.ts';

/** What the module of `domainsUrl` exports. */
interface DomainsModule {
  domains: ReadonlyArray<{ extension: Extension }>;
}

// The module that the threads of `create-computing.ts` run.
const { databaseUrl, domainsUrl } = workerData as { databaseUrl: string; domainsUrl: string };
const { domains } = (await import(domainsUrl)) as DomainsModule;
installExtensions(domains.map(({ extension }) => extension));
const database = openDatabase(databaseUrl, { poolSize: 1 });

serveTasks((task: ChurnTask) => runChurnTask(database, task));
