/** The sizes of a run of `test/chaos/live-faults.test.ts`. */
export interface LiveFaultSizes {
  subscribers: number;
  segments: number;
  customers: number;
  changes: number;
  restarts: number;
}

const small: LiveFaultSizes = {
  subscribers: 200,
  segments: 20,
  customers: 100,
  changes: 8_000,
  restarts: 3,
};

const full: LiveFaultSizes = {
  subscribers: 1_000,
  segments: 100,
  customers: 500,
  changes: 100_000,
  restarts: 10,
};

export const liveFaultSizes = process.env['STAGELINE_LIVE_FAULTS'] === 'full' ? full : small;

/** The number of runs, each with another seed. */
export const liveFaultRuns = Number(process.env['STAGELINE_LIVE_SEEDS'] ?? 1);
