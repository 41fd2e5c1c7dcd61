import { workerData } from 'node:worker_threads';
import { openDatabase } from '../../platform/database.ts';
import { serveTasks } from '../../platform/serve-tasks.ts';
import { type ChurnTask, runChurnTask } from './churn-tasks.ts';

// The module that the threads of `create-computing.ts` run.
const { databaseUrl } = workerData as { databaseUrl: string };
const database = openDatabase(databaseUrl, { poolSize: 1 });

serveTasks((task: ChurnTask) => runChurnTask(database, task));
