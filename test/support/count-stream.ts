export interface CountsPayload {
  cursor: string;
  counts?: Array<{ stageKey: string; customers: number }>;
  deltas?: Array<{ stageKey: string; delta: number }>;
}

export interface Counts {
  stageCountsChanged: CountsPayload;
}

export const watchCounts = `subscription { stageCountsChanged {
  ... on StageCounts { cursor counts { stageKey customers } }
  ... on StageCountsDifference { cursor deltas { stageKey delta } } } }`;

/** The customers of each stage that has any. */
export function addUp(payloads: ReadonlyArray<CountsPayload | undefined>) {
  const totals = new Map<string, number>();
  const add = (stage: string, count: number) => totals.set(stage, (totals.get(stage) ?? 0) + count);
  for (const { counts = [], deltas = [] } of payloads.flatMap((payload) => payload ?? [])) {
    for (const { stageKey, customers } of counts) add(stageKey, customers);
    for (const { stageKey, delta } of deltas) add(stageKey, delta);
  }
  return Object.fromEntries([...totals].filter(([, count]) => count !== 0).sort());
}
