/** Collects the steps that close what was opened. */
export interface Lifetime {
  onEnd(step: () => unknown): void;
  /** Runs every step once in reverse order, even if some fail. Later calls wait for the first. */
  end(): Promise<void>;
}

export function createLifetime(): Lifetime {
  const steps: Array<() => unknown> = [];
  let ending: Promise<void> | undefined;
  return {
    onEnd: (step) => void steps.push(step),
    end: () => (ending ??= runBackwards(steps)),
  };
}

async function runBackwards(steps: Array<() => unknown>) {
  const failures: unknown[] = [];
  for (const step of steps.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'Shutdown failed');
}
