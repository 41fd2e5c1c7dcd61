import type { Extension } from '../../engine/extensions.ts';
import { churnModelJob } from './churn-model-job.ts';
import { refitJob } from './refit-job.ts';

export const churnExtension: Extension = {
  name: 'churn',
  jobs: [churnModelJob, refitJob],
};
