import type { Segments } from '../../src/domains/segments/create-segments.ts';

declare module '../kernel/context.ts' {
  interface Services {
    segments: Segments;
  }
}
