import type { Churn } from '../../src/domains/churn/create-churn.ts';

declare module '../kernel/context.ts' {
  interface Services {
    churn: Churn;
  }
}
