import type { Lifecycles } from '../../src/domains/lifecycles/create-lifecycles.ts';

declare module '../kernel/context.ts' {
  interface Services {
    lifecycles: Lifecycles;
  }
}
