import type { SchemaModule } from '../schema/index.ts';
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

/** What each domain adds to the GraphQL schema, in the same order. */
export const schemaModules: readonly SchemaModule[] = [
  () => import('../schema/records/index.ts'),
  () => import('../schema/lifecycles/index.ts'),
  () => import('../schema/segments/index.ts'),
  () => import('../schema/tasks/index.ts'),
  () => import('../schema/churn/index.ts'),
];
