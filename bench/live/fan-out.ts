import type { Bench } from '../support/bench.ts';
import type { Measurement } from '../support/report.ts';
import { findHighestRates, type HighestRates, maxP99, type Step } from './fan-out-steps.ts';
import { type FanOutTarget, openBaseline, openStageline } from './fan-out-target.ts';
import { socketsFor } from './socket-limit.ts';

const usualSockets = 2_000;
const usualSeconds = 10;

const names = ['stageline', 'stock graphql-ws', 'ws broadcast'] as const;
type Name = (typeof names)[number];

/** Finds the highest rate of changes to identical subscriptions, beside servers without a change log. */
export async function benchFanOut(bench: Bench): Promise<Measurement[]> {
  const sockets = socketsFor(bench.live, usualSockets);
  const seconds = bench.live.seconds ?? usualSeconds;
  const openers: Record<Name, () => Promise<FanOutTarget>> = {
    stageline: () => openStageline(bench, sockets),
    'stock graphql-ws': () => openBaseline('stock', sockets),
    'ws broadcast': () => openBaseline('raw', sockets),
  };
  const steps: Record<Name, HighestRates[]> = {
    stageline: [],
    'stock graphql-ws': [],
    'ws broadcast': [],
  };
  for (let run = 0; run < bench.runs; run += 1) {
    for (const name of names) {
      bench.log(`live fan-out: ${name}, ${sockets} subscriptions`);
      const target = await openers[name]();
      const search = findHighestRates(target, { sockets, seconds, log: bench.log });
      steps[name].push(await search.finally(target.end));
    }
  }
  return [...names.flatMap((name) => toMeasurements(name, steps[name])), ...compare(steps)];
}

function toMeasurements(name: Name, runs: readonly HighestRates[]): Measurement[] {
  const inTime = `highest rate with p99 ≤ ${maxP99} ms`;
  const lines = [
    ...describeSteps(
      inTime,
      runs.map((run) => run.inTime),
    ),
    ...describeSteps(
      'highest rate kept',
      runs.map((run) => run.kept),
    ),
  ];
  return lines.map((line) => ({ benchmark: `live fan-out, ${name}`, ...line }));
}

/** Without a step, the rate is 0 and there are no further lines. */
function describeSteps(name: string, steps: ReadonlyArray<Step | undefined>) {
  const line = (measure: string, unit: string, toValue: (step: Step) => number) => ({
    measure: `${name}${measure}`,
    unit,
    values: steps.flatMap((step) => (step ? [toValue(step)] : [])),
  });
  const rate = { measure: name, unit: 'deliveries/s', values: steps.map(rateOf) };
  const lines = [
    line(': recorded → frame, p50', 'ms', ({ p50 }) => p50),
    line(': recorded → frame, p99', 'ms', ({ p99 }) => p99),
    line(': accepted → last frame, p99', 'ms', ({ lastFrameP99 }) => lastFrameP99),
    line(': CPU of the server per delivery', 'µs', ({ cpuMicroseconds }) => cpuMicroseconds),
  ];
  return [rate, ...lines.filter(({ values }) => values.some((value) => !Number.isNaN(value)))];
}

const rateOf = (step: Step | undefined) => step?.deliveriesPerSecond ?? 0;

/** The rates that Stageline kept, divided by those that the others kept. */
const compare = (highest: Record<Name, HighestRates[]>): Measurement[] =>
  (['stock graphql-ws', 'ws broadcast'] as const).map((name) => ({
    benchmark: 'live fan-out, stageline',
    measure: `highest rate kept / ${name}`,
    unit: '',
    values: highest.stageline.map(
      ({ kept }, run) => rateOf(kept) / rateOf(highest[name][run]?.kept),
    ),
  }));
