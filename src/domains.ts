import { churnExtension } from './domains/churn/extension.ts';
import { lifecyclesExtension } from './domains/lifecycles/extension.ts';
import { recordsExtension } from './domains/records/extension.ts';
import { segmentsExtension } from './domains/segments/extension.ts';
import { tasksExtension } from './domains/tasks/extension.ts';
import type { Extension } from './engine/extensions.ts';

/** The one list of domains, in their order: later ones may use earlier ones. */
export const domains: readonly Extension[] = [
  recordsExtension,
  lifecyclesExtension,
  segmentsExtension,
  tasksExtension,
  churnExtension,
];
