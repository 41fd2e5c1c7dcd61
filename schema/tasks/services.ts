import type { Tasks } from '../../src/domains/tasks/create-tasks.ts';

declare module '../kernel/context.ts' {
  interface Services {
    tasks: Tasks;
  }
}
